import {
  closing,
  contentType,
  framingFor,
  partFrame,
  preamble,
  unixTimeText,
  WallClock,
} from '@camstream/producer';
import t from 'tap';

const unit = {
  codec: 'jpeg' as const,
  data: Buffer.from([0xff, 0xd8, 0xff, 0xd9]),
  sequence: 7,
  capturedAtNs: 1_234_567_890n,
  width: 16,
  height: 16,
};
const notes = { wallClockOffsetNs: 1_700_000_000_000_000_000n, dropped: 3 };

t.test('a described part carries length, times, number and losses in front of the picture', async (t) => {
  t.equal(contentType, 'multipart/x-mixed-replace;boundary=camstream');
  t.equal(preamble('described'), '');
  t.same(partFrame('described', unit, notes), {
    before:
      '--camstream\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\nX-Timestamp: 1700000001.234567\r\n' +
      'X-Captured-Monotonic-Ns: 1234567890\r\nX-Sequence: 7\r\nX-Dropped: 3\r\n\r\n',
    behind: '\r\n',
  });
  t.equal(closing('described'), '--camstream--\r\n');
});

t.test('an advanced part is followed at once by the headers of the next', async (t) => {
  const head = '--camstream\r\nContent-Type: image/jpeg\r\n\r\n';
  t.equal(preamble('advanced'), head);
  t.same(partFrame('advanced', unit, notes), { before: '', behind: `\r\n${head}` });
  t.equal(closing('advanced'), '\r\n--camstream--\r\n');
});

t.test('browsers get advanced parts, and ?advance decides over that', async (t) => {
  const browser = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0';
  t.equal(framingFor(browser, null), 'advanced');
  t.equal(framingFor(browser, '0'), 'described');
  t.equal(framingFor('curl/7.88.1', null), 'described');
  t.equal(framingFor('curl/7.88.1', '1'), 'advanced');
  t.equal(framingFor(undefined, null), 'described');
});

t.test('a capture time becomes a wall clock time to the microsecond', async (t) => {
  t.equal(unixTimeText(1_000_001_999n, 0n), '1.000001');
  const clock = new WallClock();
  for (let i = 0; i < 1000; ++i) clock.offsetNs();
  const now = Number(unixTimeText(process.hrtime.bigint(), clock.offsetNs())) * 1000;
  t.ok(Math.abs(now - Date.now()) < 50, 'near to Date.now()');
});
