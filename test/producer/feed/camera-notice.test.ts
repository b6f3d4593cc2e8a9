import { CameraNotice } from '@camstream/producer';
import t from 'tap';

const failed = (code: string) => ({ kind: 'failed', code, message: '', retryInMs: 200 }) as const;

t.test('viewers are told which camera is away, why, and since when, until it is back', async (t) => {
  let now = '2026-11-26T14:03:22.123Z';
  const notice = new CameraNotice('front', () => new Date(now));
  const told: string[] = [];
  notice.follow((text) => told.push(text));
  t.same(told, [''], 'nothing while it works');
  notice.take(failed('DEVICE_GONE'));
  now = '2026-11-26T14:05:00.000Z';
  notice.take({ kind: 'stalled' });
  notice.take(failed('DEVICE_NOT_FOUND'));
  t.same(told, ['', 'front\ncamera unplugged, waiting\nsince 14:03:22 UTC'], 'once, with its first time');
  notice.take(failed('DEVICE_BUSY'));
  t.equal(told.at(-1), 'front\ncamera in use by another program, waiting\nsince 14:05:00 UTC');
  notice.take({ kind: 'recovered' });
  t.equal(told.at(-1), '');
  notice.take({ kind: 'stalled' });
  t.match(told.at(-1), /^front\nno picture from the camera\n/);
});

t.test('who comes late is told at once', async (t) => {
  const notice = new CameraNotice('front');
  notice.take(failed('SOMETHING_NEW'));
  notice.follow((text) => t.match(text, /^front\ncamera failed, waiting\nsince \d\d:\d\d:\d\d UTC$/));
});
