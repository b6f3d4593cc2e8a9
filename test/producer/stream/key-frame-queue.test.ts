import {
  Delivery,
  endingAtLive,
  type H264Unit,
  KeyFrameQueue,
  type TimedUnitSink,
} from '@camstream/producer';
import t from 'tap';

const parameters = { sps: Buffer.of(0x67, 0x42, 0, 0x1e), pps: Buffer.of(0x68) };

/** One of 100 bytes, 10 ms after the one before. */
function unit(sequence: number, keyFrame = false): H264Unit {
  const capturedAtNs = BigInt(sequence) * 10_000_000n;
  const nals = [Buffer.alloc(100, sequence)];
  return { codec: 'h264', sequence, capturedAtNs, width: 16, height: 16, nals, keyFrame, parameters };
}

/** A socket that takes one unit and then says that it is full, until told otherwise. */
class Socket implements TimedUnitSink {
  readonly sent: number[] = [];
  readonly times: bigint[] = [];
  ended = 0;
  isFull = true;

  send({ sequence }: H264Unit, atNs: bigint): boolean {
    this.sent.push(sequence);
    this.times.push(atNs);
    return !this.isFull;
  }

  end(): void {
    ++this.ended;
  }
}

const queueOf = (socket: Socket, limits = { ms: 100, bytes: 10_000 }) =>
  new KeyFrameQueue(socket, new Delivery('rtsp-tcp', '192.0.2.1:40000'), limits);

t.test('what waits is sent in order when the socket has drained', async (t) => {
  const socket = new Socket();
  const queue = queueOf(socket);
  for (const one of [unit(1, true), unit(2), unit(3)]) queue.offer(one);
  t.same(socket.sent, [1]);
  socket.isFull = false;
  queue.drained();
  t.same(socket.sent, [1, 2, 3]);
  t.equal(queue.isBlocked, false);
  queue.offer(unit(4));
  t.same(socket.sent, [1, 2, 3, 4]);
  t.same([queue.delivery.sent, queue.delivery.dropped], [4, 0]);
});

t.test('a viewer over its time loses everything up to the next key frame', async (t) => {
  const socket = new Socket();
  const queue = queueOf(socket);
  queue.offer(unit(1, true));
  for (let sequence = 2; sequence <= 20; ++sequence) queue.offer(unit(sequence));
  t.equal(queue.delivery.dropped, 19, 'those that waited, and those that depend on them');
  socket.isFull = false;
  queue.drained();
  queue.offer(unit(21));
  t.same(socket.sent, [1], 'nothing that could not be decoded');
  queue.offer(unit(22, true));
  queue.offer(unit(23));
  t.same(socket.sent, [1, 22, 23]);
  t.equal(queue.delivery.dropped, 20);
});

t.test('a key frame that waits already is where it goes on', async (t) => {
  const socket = new Socket();
  const queue = queueOf(socket);
  for (const one of [unit(1, true), unit(2), unit(3), unit(8, true), unit(9), unit(13)]) queue.offer(one);
  t.equal(queue.delivery.dropped, 2);
  socket.isFull = false;
  queue.drained();
  t.same(socket.sent, [1, 8, 9, 13]);
});

t.test('a viewer over its bytes loses as much', async (t) => {
  const socket = new Socket();
  const queue = queueOf(socket, { ms: 1e6, bytes: 350 });
  for (const one of [unit(1, true), unit(2), unit(3), unit(4), unit(5)]) queue.offer(one);
  t.equal(queue.delivery.dropped, 4);
});

t.test('a viewer who joins begins with the group, stamped to end at live', async (t) => {
  const socket = new Socket();
  socket.isFull = false;
  const queue = queueOf(socket);
  queue.begin([unit(1, true), unit(2), unit(3)]);
  queue.offer(unit(4));
  t.same(socket.sent, [1, 2, 3, 4]);
  const [first = 0n, second = 0n, third, fourth] = socket.times;
  t.equal(third, unit(3).capturedAtNs, 'the last one at its own time');
  t.equal(fourth, unit(4).capturedAtNs);
  t.ok(first < second && second < unit(3).capturedAtNs, 'each has a time of its own');
  t.ok(Number(unit(3).capturedAtNs - first) < 1e6, 'within a millisecond');
  t.same(endingAtLive([]), []);
});

t.test('a group longer than the queue is no reason to drop it: it waits for no time', async (t) => {
  const socket = new Socket();
  const queue = queueOf(socket);
  queue.begin(Array.from({ length: 50 }, (_, index) => unit(index + 1, index === 0)));
  t.equal(queue.delivery.dropped, 0);
  socket.isFull = false;
  queue.drained();
  t.equal(socket.sent.length, 50);
});

t.test('before the first key frame nothing is sent and nothing lost; the end is told once', async (t) => {
  const socket = new Socket();
  const queue = queueOf(socket);
  queue.offer(unit(1));
  t.same(socket.sent, []);
  t.equal(queue.delivery.dropped, 0);
  queue.end();
  t.equal(socket.ended, 1);
});
