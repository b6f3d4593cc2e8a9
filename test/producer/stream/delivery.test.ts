import { Audience, Delivery, RatePicker } from '@camstream/producer';
import t from 'tap';

t.test('a delivery counts what was sent and lost, and knows the rate of the last second', async (t) => {
  let now = 5000;
  const delivery = new Delivery('mjpeg', '192.0.2.1:40000', () => now);
  for (let picture = 0; picture < 60; ++picture, now += 50) delivery.send(1000);
  delivery.drop(3);
  const { rate, ...facts } = delivery.report();
  t.same(facts, {
    protocol: 'mjpeg',
    address: '192.0.2.1:40000',
    sent: 60,
    dropped: 3,
    bytes: 60_000,
    forMs: 3000,
  });
  t.ok(Math.abs(rate - 20) <= 1, `20 a second, found ${rate}`);
  now += 5000;
  t.equal(delivery.report().rate, 0, 'nothing came for a while');
});

t.test('an audience adds up those who are there and those who have left, by protocol', async (t) => {
  const audience = new Audience();
  const [first, second] = [new Delivery('mjpeg', 'a'), new Delivery('mjpeg', 'b')];
  const other = new Delivery('rtsp-udp', 'c');
  for (const one of [first, second, other]) audience.enter(one);
  first.send(10);
  second.send(20);
  second.drop();
  audience.leave(first);
  audience.leave(first);
  t.same(audience.totals().get('mjpeg'), { viewers: 1, sent: 2, dropped: 1, bytes: 30 });
  t.same(audience.totals().get('rtsp-udp'), { viewers: 1, sent: 0, dropped: 0, bytes: 0 });
  audience.leave(second);
  t.same(audience.totals().get('mjpeg'), { viewers: 0, sent: 2, dropped: 1, bytes: 30 }, 'sums stay');
  t.same(
    audience.reports().map(({ address }) => address),
    ['c'],
  );
});

/** Capture times of `rate` pictures a second, none more than `jitterMs` away from its moment. */
function times(rate: number, seconds: number, jitterMs = 0): bigint[] {
  let seed = 1;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647 - 0.5;
  };
  return Array.from({ length: rate * seconds }, (_, n) =>
    BigInt(Math.round((n * 1e9) / rate + random() * 2 * jitterMs * 1e6)),
  );
}

t.test('pictures are picked evenly, whatever the rates and in spite of jitter', async (t) => {
  for (const [rate, wanted, jitterMs] of [
    [30, 30, 5],
    [30, 15, 5],
    [60, 15, 4],
    [30, 20, 3],
    [30, 7, 5],
    [60, 1, 4],
    [15, 0.5, 9],
  ] as const) {
    const picker = new RatePicker(wanted);
    const picked = times(rate, 20, jitterMs).filter((at) => picker.wants(at));
    const gaps = picked.slice(1).map((at, n) => Number(at - (picked[n] ?? 0n)) / 1e6);
    const what = `${wanted} of ${rate} a second`;
    t.ok(Math.abs(picked.length - wanted * 20) <= 1, `${what}: ${picked.length} in 20 s`);
    const worst = Math.max(...gaps.map((gap) => Math.abs(gap - 1000 / wanted)));
    const unavoidable = (rate % wanted === 0 ? 0 : 1000 / rate) + 2 * jitterMs;
    t.ok(worst <= unavoidable + 0.001, `${what}: worst gap is ${worst.toFixed(1)} ms off`);
  }
});

t.test('more than there are is all of them; after a pause nothing is made up for', async (t) => {
  const all = new RatePicker(240);
  t.equal(times(30, 2, 5).filter((at) => all.wants(at)).length, 60);
  const picker = new RatePicker(10);
  times(30, 1).filter((at) => picker.wants(at));
  const later = times(30, 1).map((at) => at + 60_000_000_000n);
  t.equal(later.filter((at) => picker.wants(at)).length, 10);
});
