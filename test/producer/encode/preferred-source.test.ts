import { silentLog } from '@camstream/core';
import { BackOff, type Encoder, type H264Unit, PreferredSource } from '@camstream/producer';
import t, { type Test } from 'tap';
import { until } from '../../support/until.js';

/** An encoder that makes units when it is told to. */
class Puppet implements Encoder {
  readonly name = 'x';
  readonly steps = [];
  readonly step = 0;
  problem: Encoder['problem'];
  active = false;

  constructor(
    readonly kind: string,
    private readonly publish: (unit: H264Unit) => void,
  ) {}

  setActive(active: boolean): void {
    this.active = active;
    this.problem = undefined;
  }

  setStep(): void {}

  load() {
    return { latenessMs: 0, framesIn: 1, unitsOut: 1, framesDropped: 0, restarts: 0 };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  make(at: number, keyFrame = true): void {
    this.publish({
      ...{ codec: 'h264', sequence: at, capturedAtNs: BigInt(at), width: 64, height: 48, keyFrame },
      ...{ nals: [], parameters: { sps: Buffer.alloc(0), pps: Buffer.alloc(0) } },
    });
  }
}

/** A source of two puppets, with a clock that stands still unless it is moved. */
function rig(t: Test) {
  const puppets: Puppet[] = [];
  const shown: number[] = [];
  const state = { fits: true, nowMs: 0 };
  const puppet = (kind: string) => (publish: (unit: H264Unit) => void) => {
    const made = new Puppet(kind, publish);
    puppets.push(made);
    return made;
  };
  const source = new PreferredSource<H264Unit>(
    {
      preferred: puppet('pass-through'),
      otherwise: puppet('libx264'),
      fits: () => state.fits,
      rate: 30,
      publish: ({ sequence }) => shown.push(sequence),
      log: silentLog,
    },
    () => state.nowMs,
  );
  t.teardown(() => source.close());
  const [own, encoder] = puppets as [Puppet, Puppet];
  return { source, own, encoder, shown, state };
}

t.test("the camera's own pictures are taken, and nothing is encoded", async (t) => {
  const { source, own, encoder, shown, state } = rig(t);
  t.equal(source.kind, 'pass-through', 'what it would be is told beforehand');
  source.setActive(true);
  own.make(1);
  own.make(2, false);
  t.same(shown, [1, 2]);
  t.equal(encoder.active, false);
  t.match(source.load(), { framesIn: 2, unitsOut: 2 });
  source.setActive(false);
  t.equal(own.active, false);
  own.make(3);
  t.same(shown, [1, 2], "what comes late is nobody's");
  state.fits = false;
  t.equal(source.kind, 'libx264');
});

t.test('each takes over with a key frame that is newer, and the other goes on until then', async (t) => {
  const { source, own, encoder, shown, state } = rig(t);
  state.fits = false;
  source.setActive(true);
  t.match([own.active, encoder.active], [false, true]);
  encoder.make(10);
  state.fits = true;
  await until('the camera', () => own.active);
  own.make(10);
  own.make(11, false);
  encoder.make(11, false);
  t.equal(source.kind, 'libx264', 'an old picture, and one that is no key frame');
  own.make(12);
  encoder.make(12, false);
  t.match([source.kind, encoder.active], ['pass-through', false]);
  state.fits = false;
  await until('the encoder', () => encoder.active);
  encoder.make(12);
  t.same(shown, [10, 11, 12], 'no picture twice');
  encoder.make(13);
  t.same(shown, [10, 11, 12, 13]);
  t.equal(source.kind, 'libx264');
});

t.test('a camera that lets its first viewer wait is waited for by the encoder as well', async (t) => {
  const { source, own, encoder, shown, state } = rig(t);
  source.setActive(true);
  t.equal(encoder.active, false);
  state.nowMs = 600;
  await until('the encoder', () => encoder.active);
  encoder.make(5);
  t.equal(own.active, true, 'it is not given up');
  own.make(6);
  t.same(shown, [5, 6]);
  t.match([source.kind, encoder.active], ['pass-through', false]);
});

t.test('a camera that goes silent, or has a problem, is left alone for a while', async (t) => {
  for (const fault of ['silence', 'problem']) {
    const { source, own, encoder, state } = rig(t);
    source.setActive(true);
    own.make(1);
    if (fault === 'problem') own.problem = { code: 'CAMERA_H264', message: 'B-frames' };
    else state.nowMs = 2000;
    await until('the encoder', () => encoder.active);
    encoder.make(2);
    t.match([source.kind, own.active], ['libx264', false], fault);
    state.nowMs += 9000;
    source.setActive(false);
    source.setActive(true);
    t.equal(own.active, false, 'not yet');
    encoder.make(3);
    state.nowMs += 1001;
    await until('the next try', () => own.active);
    own.make(4);
    t.equal(source.kind, 'pass-through');
  }
});

t.test('pauses grow from failure to failure up to a bound, and begin anew once it has held', async (t) => {
  let nowMs = 0;
  const pause = new BackOff({ firstMs: 60, mostMs: 200, heldMs: 1000 }, () => nowMs);
  t.equal(pause.remainingMs, 0);
  t.same([pause.failed(), pause.failed(), pause.failed(), pause.failed()], [60, 120, 200, 200]);
  nowMs = 150;
  t.equal(pause.remainingMs, 50);
  pause.worked();
  nowMs = 1100;
  t.equal(pause.failed(), 200, 'not for long enough');
  pause.worked();
  nowMs = 2200;
  t.equal(pause.failed(), 60);
});
