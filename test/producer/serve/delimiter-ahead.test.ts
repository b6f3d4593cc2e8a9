import { accessUnitDelimiter, DelimiterAhead, RtpSender, waitsForNextPicture } from '@camstream/producer';
import t from 'tap';

const ms = 1_000_000n;

t.test('the next picture is due an interval later, once there were two of them', async (t) => {
  const ahead = new DelimiterAhead(accessUnitDelimiter);
  t.equal(ahead.dueAfter(100n * ms), undefined);
  t.equal(ahead.dueAfter(133n * ms), undefined);
  t.equal(ahead.dueAfter(166n * ms), 199n * ms);
  t.equal(ahead.dueAfter(200n * ms), 233n * ms, 'the shorter interval');
});

t.test('a gap is not taken for the interval, a lower rate is from its second picture on', async (t) => {
  const ahead = new DelimiterAhead(accessUnitDelimiter);
  for (const at of [0n, 33n, 66n]) ahead.dueAfter(at * ms);
  t.equal(ahead.dueAfter(1066n * ms), 1099n * ms);
  t.equal(ahead.dueAfter(1099n * ms), 1132n * ms);
  ahead.dueAfter(1165n * ms);
  t.equal(ahead.dueAfter(1231n * ms), 1297n * ms);
});

t.test('times that are told never go back', async (t) => {
  const ahead = new DelimiterAhead(accessUnitDelimiter);
  for (const at of [0n, 66n, 132n]) ahead.dueAfter(at * ms);
  t.equal(ahead.dueAfter(165n * ms), undefined, 'told before: 198');
  t.equal(ahead.dueAfter(198n * ms), 231n * ms);
  t.equal(ahead.dueAfter(198n * ms), undefined, 'the same picture again');
});

t.test('the delimiter is one packet without the marker', async (t) => {
  const data = new RtpSender(Buffer.alloc(10)).stamp(accessUnitDelimiter, 0n, 2);
  t.same([...data.subarray(0, 6)], [0x24, 2, 0, 14, 0x80, 96]);
  t.same([...data.subarray(16)], [0x09, 0xf0]);
});

t.test('it is for clients of libavformat', async (t) => {
  t.ok(waitsForNextPicture('Lavf59.27.100'));
  t.notOk(waitsForNextPicture('GStreamer/1.22.0'));
  t.notOk(waitsForNextPicture(undefined));
});
