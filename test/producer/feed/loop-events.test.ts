import type { Log } from '@camstream/core';
import { LoopEvents } from '@camstream/producer';
import t from 'tap';

t.test('a failure is told when it begins, when it becomes another, and then once a minute', async (t) => {
  const { events, lines, clock } = setUp();
  const fail = (code: string) => events.take({ kind: 'failed', code, message: code, retryInMs: 2000 });
  for (let second = 0; second < 180; second += 2) {
    clock.ms = second * 1000;
    fail(second < 130 ? 'DEVICE_NOT_FOUND' : 'DEVICE_PERMISSION');
  }
  t.same(
    lines.map(({ atMs, code, withheld }) => [atMs / 1000, code, withheld]),
    [
      [0, 'DEVICE_NOT_FOUND', undefined],
      [60, 'DEVICE_NOT_FOUND', 29],
      [120, 'DEVICE_NOT_FOUND', 29],
      [130, 'DEVICE_PERMISSION', 4],
    ],
  );
});

t.test('one that comes back after frames is told again, at most once a second', async (t) => {
  const { events, lines, clock } = setUp();
  for (clock.ms = 0; clock.ms <= 2000; clock.ms += 200) {
    events.take({ kind: 'failed', code: 'DEVICE_GONE', message: 'gone', retryInMs: 200 });
    events.take({ kind: 'recovered' });
  }
  const failures = lines.filter(({ code }) => code === 'DEVICE_GONE');
  t.same(
    failures.map(({ atMs }) => atMs),
    [0, 1000, 2000],
  );
});

t.test('what follows at once under another code is not lost', async (t) => {
  const { events, lines, clock } = setUp();
  const fail = (atMs: number, code: string) => {
    clock.ms = atMs;
    events.take({ kind: 'failed', code, message: code, retryInMs: 200 });
  };
  fail(0, 'DEVICE_GONE');
  fail(200, 'DEVICE_NOT_FOUND');
  fail(600, 'DEVICE_NOT_FOUND');
  fail(1400, 'DEVICE_NOT_FOUND');
  t.same(
    lines.map(({ code }) => code),
    ['DEVICE_GONE', 'DEVICE_NOT_FOUND'],
  );
});

function setUp() {
  const lines: { atMs: number; code: unknown; withheld: unknown }[] = [];
  const clock = { ms: 0 };
  const write = ({ code, withheld }: Readonly<Record<string, unknown>>) => {
    lines.push({ atMs: clock.ms, code, withheld });
  };
  const log: Log = { debug: write, info: write, warn: write, error: write };
  return { lines, clock, events: new LoopEvents('camera main', log, () => clock.ms) };
}
