import { spawn } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';

interface Summary {
  readonly n: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}
interface Statistics {
  percentile(sorted: readonly number[], p: number): number;
  median(values: readonly number[]): number;
  summarize(values: readonly number[]): Summary;
  medianOfRounds(rounds: readonly Summary[]): Summary;
  quantiles(values: readonly number[]): number[];
  readonly QUANTILES: readonly number[];
}
interface Tables {
  table(columns: readonly { title: string; numeric?: boolean }[], rows: readonly string[][]): string;
  micros(ns: number): string;
  times(ratio: number): string;
  percent(share: number): string;
}
interface Charts {
  distributionChart(title: string, caption: string, panels: readonly unknown[]): string;
}

interface ProcessCpu {
  watchCpu(
    roots: readonly number[],
    except?: (commandLine: string) => boolean,
  ): () => { readonly user: number; readonly system: number; readonly programs: object };
}
interface Viewers {
  readonly MultipartReader: new (
    keep: boolean,
    onPart: (part: { readonly picture: Buffer }) => void,
  ) => { push(chunk: Buffer): void };
  readonly RtpPictures: new (
    onPicture: (picture: { readonly timestamp: number }) => void,
  ) => { packet(packet: Buffer): void; readonly lost: number };
  readonly SenderClock: new () => {
    rtcp(packet: Buffer): void;
    unixNs(timestamp: number): bigint | undefined;
  };
}

const dist = join(import.meta.dirname, '..', '..', '..', 'bench', 'dist');
const load = async <T>(name: string, folder = 'harness'): Promise<T> =>
  (await import(join(dist, folder, `${name}.js`))) as T;
const { watchCpu } = await load<ProcessCpu>('process-cpu');
const { MultipartReader } = await load<Viewers>('multipart', 'viewers');
const { RtpPictures } = await load<Viewers>('rtp-pictures', 'viewers');
const { SenderClock } = await load<Viewers>('sender-clock', 'viewers');
const { percentile, median, summarize, medianOfRounds, quantiles, QUANTILES } =
  await load<Statistics>('statistics');
const { table, micros, times, percent } = await load<Tables>('table');
const { distributionChart } = await load<Charts>('distribution-chart');

const oneToHundred = Array.from({ length: 100 }, (_, index) => index + 1);
/** The same values in an order that has nothing to do with their size. */
const shuffled = oneToHundred.map((value) => ((value * 37) % 101) as number);

t.test('a percentile is a value that was measured, by nearest rank', async (t) => {
  t.equal(percentile(oneToHundred, 0.5), 50);
  t.equal(percentile(oneToHundred, 0.99), 99);
  t.equal(percentile(oneToHundred, 1), 100);
  t.equal(percentile(oneToHundred, 0), 1);
  t.equal(percentile([7], 0.99), 7);
  t.equal(percentile([1, 1000], 0.5), 1, 'nothing in between is made up');
  t.throws(() => percentile([], 0.5), RangeError);
});

t.test('a median', async (t) => {
  t.equal(median([9, 1, 5]), 5);
  t.equal(median([4, 1, 3, 2]), 2.5);
  t.equal(median([10, 9, 100]), 10, 'compares numbers, not their text');
  t.throws(() => median([]), RangeError);
});

t.test('a summary does not care for the order of the values', async (t) => {
  t.strictSame(summarize(shuffled), { n: 100, p50: 50, p90: 90, p99: 99, max: 100 });
});

t.test('rounds: the median of each figure, so that one bad round changes nothing', async (t) => {
  const good = { n: 10, p50: 1, p90: 2, p99: 3, max: 4 };
  const bad = { n: 10, p50: 1000, p90: 1000, p99: 1000, max: 1000 };
  t.strictSame(medianOfRounds([good, bad, good]), { ...good, n: 30 });
});

t.test('a table lines up', async (t) => {
  const lines = table(
    [{ title: 'who' }, { title: 'µs', numeric: true }],
    [
      ['floor', '9.50'],
      ['a longer name', '120'],
    ],
  ).split('\n');
  t.strictSame(lines, [
    '| who           |   µs |',
    '| ------------- | ---: |',
    '| floor         | 9.50 |',
    '| a longer name |  120 |',
  ]);
});

t.test('numbers for people', async (t) => {
  t.strictSame([1234, 12_340, 123_400].map(micros), ['1.23', '12.3', '123']);
  t.strictSame([1.26, 12.6].map(times), ['1.3x', '13x']);
  t.strictSame([0, 0.012, 0.5].map(percent), ['0 %', '1.2 %', '50 %']);
});

t.test(
  'CPU time of a process has that of its children in it, ended ones too, but for those left out',
  async (t) => {
    // By its own CPU time: on a busy machine that is less than what a clock shows.
    const spin = (ms: number) =>
      `for (const was = process.cpuUsage(); process.cpuUsage(was).user < ${ms * 1000}; );`;
    const child = `require('child_process').execFileSync(process.execPath, ['-e', "${spin(400)}"])`;
    const program = spawn(process.execPath, ['-e', `${child}; ${spin(200)}; setInterval(() => {}, 1000)`]);
    t.teardown(() => program.kill('SIGKILL'));
    const all = watchCpu([program.pid ?? 0]);
    const began = performance.now();
    const used = () => {
      const { user, system } = all();
      return ((user + system) * (performance.now() - began)) / 1000;
    };
    while (used() < 0.5) {
      if (performance.now() - began > 60_000) throw new Error(`only ${used()} s of CPU time in a minute`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const nothing = watchCpu([program.pid ?? 0], (commandLine) => commandLine.includes('setInterval'))();
    t.strictSame(nothing, { user: 0, system: 0, programs: {} });
  },
);

t.test('multipart: parts are found wherever the bytes are cut', async (t) => {
  const part = (text: string) =>
    `--b\r\nContent-Type: image/jpeg\r\nContent-length: ${text.length}\r\n\r\n${text}\r\n`;
  const body = Buffer.from(part('first') + part('\r\n--b\r\n') + part('x'));
  for (const size of [1, 2, 3, 7, 1000]) {
    const pictures: string[] = [];
    const reader = new MultipartReader(true, ({ picture }) => pictures.push(picture.toString()));
    for (let at = 0; at < body.length; at += size) reader.push(body.subarray(at, at + size));
    t.strictSame(pictures, ['first', '\r\n--b\r\n', 'x'], `in pieces of ${size}`);
  }
  const reader = new MultipartReader(false, () => {});
  t.throws(
    () => reader.push(Buffer.from('--b\r\nContent-Type: text/plain\r\n\r\n')),
    /without Content-Length/,
  );
});

t.test('RTP pictures: none that misses a packet, none until the next key frame', async (t) => {
  const shown: number[] = [];
  const pictures = new RtpPictures(({ timestamp }) => shown.push(timestamp));
  const packet = (sequence: number, timestamp: number, nal: readonly number[], marker: boolean) => {
    const head = Buffer.alloc(12);
    head.writeUInt16BE(0x8000 | (marker ? 0x80 : 0) | 96, 0);
    head.writeUInt16BE(sequence & 0xffff, 2);
    head.writeUInt32BE(timestamp, 4);
    pictures.packet(Buffer.concat([head, Buffer.from(nal)]));
  };
  const [idr, middle, slice] = [[0x7c, 0x85], [0x7c, 0x05], [0x41]];
  packet(65_534, 1, middle, true); // joined in the middle of a picture
  packet(65_535, 2, slice, true); // no key frame yet
  packet(65_536, 3, idr, false);
  packet(65_537, 3, middle, true);
  packet(65_538, 4, slice, true);
  packet(65_540, 5, slice, true); // one is missing
  packet(65_541, 6, slice, true);
  packet(65_542, 7, [0x18, 0, 2, 0x67, 0, 0, 2, 0x65, 0], true); // an aggregate with a key frame
  packet(65_539, 5, slice, false); // late
  packet(65_543, 8, slice, true);
  t.strictSame(shown, [3, 4, 7, 8]);
  t.equal(pictures.lost, 1);
});

t.test('sender reports: from an RTP time stamp to the wall clock, across its wrap', async (t) => {
  const clock = new SenderClock();
  t.equal(clock.unixNs(5), undefined);
  const report = Buffer.alloc(28);
  report.writeUInt16BE(0x80c8, 0);
  report.writeUInt32BE(2_208_988_800 + 100, 8);
  report.writeUInt32BE(0x8000_0000, 12);
  report.writeUInt32BE(0xffff_ffff - 89_999, 16);
  clock.rtcp(report);
  t.equal(clock.unixNs(0), 101_500_000_000n);
  t.equal(clock.unixNs(0xffff_ffff - 89_999 - 45_000), 100_000_000_000n);
});

t.test('a picture of distributions: every row, in order of time along the axis', async (t) => {
  const row = (label: string, factor: number) => ({
    label,
    kind: 'ours',
    quantiles: quantiles(oneToHundred.map((value) => value * factor)),
  });
  const panels = [{ title: 'one <reader>', rows: [row('fast', 1000), row('slow', 50_000)] }];
  const svg = distributionChart('Title & all', 'caption', panels);
  t.equal(QUANTILES.length, (panels[0]?.rows[0]?.quantiles ?? []).length);
  t.match(svg, /<svg [^>]*viewBox="0 0 \d+ \d+"/);
  t.match(svg, 'Title &#38; all');
  t.match(svg, 'one &#60;reader&#62;');
  const bars = [...svg.matchAll(/class="ours bar" x1="([\d.]+)"/g)].map((match) => Number(match[1]));
  t.equal(bars.length, 2);
  t.ok((bars[0] ?? 0) < (bars[1] ?? 0), 'the slower one is further to the right');
  t.match(svg, />50 µs</);
  t.match(svg, />2.5 ms</);
  t.notMatch(svg, /NaN|undefined/);
});
