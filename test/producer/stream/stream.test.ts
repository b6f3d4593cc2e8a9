import { silentLog } from '@camstream/core';
import {
  Delivery,
  Demand,
  type JpegUnit,
  Seldom,
  Stream,
  type UnitSink,
  ViewerQueue,
} from '@camstream/producer';
import t from 'tap';
import { until } from '../../support/until.js';

function unit(sequence: number, ageMs = 0): JpegUnit {
  const capturedAtNs = process.hrtime.bigint() - BigInt(ageMs) * 1_000_000n;
  return { codec: 'jpeg', data: Buffer.from([sequence]), sequence, capturedAtNs, width: 16, height: 16 };
}

const delivery = () => new Delivery('mjpeg', '192.0.2.1:40000');

/** A socket that takes one picture and then says that it is full. */
class Socket implements UnitSink {
  readonly sent: [sequence: number, dropped: number][] = [];
  ended = 0;

  constructor(private readonly drainsAtOnce: boolean) {}

  send({ sequence }: JpegUnit, dropped: number): boolean {
    this.sent.push([sequence, dropped]);
    return this.drainsAtOnce;
  }

  end(): void {
    ++this.ended;
  }
}

t.test('a viewer that keeps up gets every picture', async (t) => {
  const socket = new Socket(true);
  const queue = new ViewerQueue(socket, delivery());
  for (const sequence of [1, 2, 3]) queue.offer(unit(sequence));
  t.same(socket.sent, [
    [1, 0],
    [2, 0],
    [3, 0],
  ]);
  t.equal(queue.delivery.dropped, 0);
});

t.test(
  'a slow viewer gets the newest picture when its socket has drained, and is told its losses',
  async (t) => {
    const socket = new Socket(false);
    const queue = new ViewerQueue(socket, delivery());
    for (const sequence of [1, 2, 3, 4]) queue.offer(unit(sequence));
    t.same(socket.sent, [[1, 0]], 'nothing is queued behind a full socket');
    t.equal(queue.isBlocked, true);
    queue.drained();
    t.same(socket.sent, [
      [1, 0],
      [4, 2],
    ]);
    t.equal(queue.delivery.dropped, 2);
    queue.drained();
    t.equal(queue.isBlocked, false);
    queue.offer(unit(5));
    t.same(socket.sent.at(-1), [5, 2], 'what is not replaced is not lost');
    t.equal(queue.delivery.sent, 3);
  },
);

t.test('viewers switch the making of pictures on, and the last of them off', async (t) => {
  const switched: boolean[] = [];
  const demand = new Demand((on) => switched.push(on), 0);
  const stream = new Stream<JpegUnit>('low', demand);
  const leave = [1, 2].map(() => stream.addViewer(new ViewerQueue(new Socket(true), delivery())));
  t.same(switched, [true]);
  t.ok(demand.sinceNs, 'it says since when');
  leave[0]?.();
  leave[0]?.();
  t.equal(stream.viewerCount, 1, 'leaving twice counts once');
  await new Promise((resolve) => setImmediate(resolve));
  t.same(switched, [true]);
  leave[1]?.();
  await until('it is switched off', () => switched.length === 2);
  t.same(switched, [true, false]);
  t.equal(demand.sinceNs, undefined);
});

t.test('somebody who comes back in time finds it still on', async (t) => {
  const switched: boolean[] = [];
  const demand = new Demand((on) => switched.push(on), 60_000);
  demand.add();
  demand.remove();
  demand.add();
  t.same(switched, [true]);
  demand.stop();
});

t.test('a viewer who joins gets the last picture at once, unless it is from before a pause', async (t) => {
  const stream = new Stream<JpegUnit>('low', { add() {}, remove() {} });
  stream.publish(unit(1));
  const early = new Socket(true);
  stream.addViewer(new ViewerQueue(early, delivery()));
  t.same(early.sent, [[1, 0]]);
  stream.forget();
  const late = new Socket(true);
  stream.addViewer(new ViewerQueue(late, delivery()));
  t.same(late.sent, []);
});

t.test('a single picture is a fresh one', async (t) => {
  let wanted = 0;
  const stream = new Stream<JpegUnit>('low', { add: () => void ++wanted, remove: () => void --wanted });
  stream.publish(unit(1));
  t.match(await stream.picture({ maxAgeMs: 60_000, timeoutMs: 1 }), { sequence: 1 });
  stream.publish(unit(2, 5000));
  const picture = stream.picture({ maxAgeMs: 1000, timeoutMs: 60_000 });
  t.equal(wanted, 1, 'whoever waits for a picture has it made');
  stream.publish(unit(3));
  t.match(await picture, { sequence: 3 });
  t.equal(wanted, 0);
  stream.forget();
  await t.rejects(stream.picture({ maxAgeMs: 1000, timeoutMs: 5 }), {
    code: 'PICTURE_TIMEOUT',
    message: /stream "low" gave no picture within 5 ms/,
  });
  t.equal(wanted, 0);
});

t.test('the end reaches every viewer and everybody who waits, once', async (t) => {
  let wanted = 0;
  const stream = new Stream<JpegUnit>('low', { add: () => void ++wanted, remove: () => void --wanted });
  const sockets = [new Socket(true), new Socket(false)];
  const leave = sockets.map((socket) => stream.addViewer(new ViewerQueue(socket, delivery())));
  const picture = t.rejects(stream.picture({ maxAgeMs: 0, timeoutMs: 60_000 }), { code: 'PICTURE_TIMEOUT' });
  stream.end();
  for (const one of leave) one();
  await picture;
  t.same(
    sockets.map(({ ended }) => ended),
    [1, 1],
  );
  t.equal(wanted, 0);
  const late = new Socket(true);
  stream.addViewer(new ViewerQueue(late, delivery()));
  t.equal(late.ended, 1, 'whoever comes later is sent away');
});

t.test('what happens often is logged seldom, with how often it was not', async (t) => {
  const lines: unknown[] = [];
  let now = 0;
  const log = {
    ...silentLog,
    warn: (details: object, message: string) => void lines.push([details, message]),
  };
  const seldom = new Seldom(log, 'warn', 1000, () => now);
  for (now = 0; now < 2500; now += 100) seldom.line({ n: now }, 'late');
  t.same(lines, [
    [{ n: 0 }, 'late'],
    [{ n: 1000, withheld: 9 }, 'late'],
    [{ n: 2000, withheld: 9 }, 'late'],
  ]);
});
