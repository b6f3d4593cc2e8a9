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

const harness = join(import.meta.dirname, '..', '..', '..', 'bench', 'dist', 'harness');
const load = async <T>(name: string): Promise<T> => (await import(join(harness, `${name}.js`))) as T;
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
