import { silentLog } from '@camstream/core';
import {
  CaptureLoss,
  type ControlledStream,
  createLogger,
  EncoderStrain,
  Quality,
} from '@camstream/producer';
import t from 'tap';

// Load control against a machine that is only numbers: encoders that want so many milliseconds a picture, and
// cores that give them.

const config = { enabled: true, afterMs: 2000, calmMs: 10_000 };
const losslessCapture = new CaptureLoss(() => ({ published: 0, framesDropped: 0 }));

/** An encoder that wants `costsMs[step]` of one core for each picture. */
class SimulatedEncoder {
  readonly kind = 'simulated';
  readonly steps: readonly { readonly text: string; readonly rate: number }[];
  readonly history: number[] = [];
  step = 0;
  watched = true;
  latenessMs = 0;
  framesIn = 0;
  framesDropped = 0;
  /** Of capture, conversion and waiting. */
  overheadMs = 5;

  constructor(
    readonly name: string,
    private readonly costsMs: readonly number[],
    readonly rate = 30,
  ) {
    this.steps = costsMs.map((_, index) => ({ text: `step ${index}`, rate }));
  }

  setStep(step: number): void {
    this.step = step;
    this.history.push(step);
  }

  load() {
    const { latenessMs, framesIn, framesDropped } = this;
    return { latenessMs, framesIn, framesDropped, unitsOut: framesIn, restarts: 0 };
  }

  /** Cores wanted. */
  get demand(): number {
    return this.watched ? ((this.costsMs[this.step] ?? 0) * this.rate) / 1000 : 0;
  }

  /** Half a second with `share` of what it wants. */
  run(share: number): void {
    if (!this.watched) return;
    const pictures = this.rate / 2;
    const done = Math.min(1, share) * pictures;
    this.framesIn += done;
    this.framesDropped += pictures - done;
    this.latenessMs = share < 1 ? 3.5 * (1000 / this.rate) : (this.costsMs[this.step] ?? 0) + this.overheadMs;
  }
}

class SimulatedMachine {
  nowMs = 0;
  cores = 2;
  readonly quality: Quality;
  readonly lines: string[] = [];

  constructor(
    readonly encoders: readonly SimulatedEncoder[],
    { capture = losslessCapture, delayFrames = 0 } = {},
  ) {
    const log = createLogger({ level: 'info', format: 'text' }, (line) => this.lines.push(line));
    const streams: ControlledStream[] = encoders.map((encoder) => ({ encoder, capture, delayFrames }));
    this.quality = new Quality(streams, config, log);
  }

  run(seconds: number): void {
    for (let looks = seconds * 2; looks > 0; --looks) {
      this.nowMs += 500;
      const wanted = this.encoders.reduce((sum, { demand }) => sum + demand, 0);
      // An encoder has one core at most, and all of them together what there is.
      for (const encoder of this.encoders) encoder.run(Math.min(1 / encoder.demand, this.cores / wanted));
      this.quality.look(this.nowMs);
    }
  }
}

t.test('encoders that keep up are left alone', async (t) => {
  const encoders = [new SimulatedEncoder('high', [20, 10]), new SimulatedEncoder('low', [8, 4])];
  const machine = new SimulatedMachine(encoders);
  machine.run(600);
  t.same(
    encoders.map(({ history }) => history),
    [[], []],
  );
});

t.test('one slow encoder steps its own stream only, as far as it needs', async (t) => {
  const slow = new SimulatedEncoder('high', [60, 40, 20, 10]);
  const others = [new SimulatedEncoder('medium', [5, 4]), new SimulatedEncoder('low', [5, 4])];
  const machine = new SimulatedMachine([slow, ...others]);
  machine.run(20);
  t.same(slow.history.slice(0, 2), [1, 2]);
  t.same(
    others.map(({ history }) => history),
    [[], []],
  );
  t.match(
    machine.lines[0],
    /warn {2}stream stepped down: its encoder cannot keep up {2}stream=high step="1 of 3" settings="step 1"/,
  );
  t.same(machine.quality.reportOf('high')?.steppedDown, 2);
  t.equal(machine.quality.reportOf('nobody'), undefined);
});

t.test('a machine that is taken away is met one step at a time, and all come back with it', async (t) => {
  const encoders = ['a', 'b', 'c'].map((name) => new SimulatedEncoder(name, [16, 12, 8, 4]));
  const machine = new SimulatedMachine(encoders);
  machine.run(30);
  machine.cores = 0.8;
  const downs: number[] = [];
  for (let looks = 0; looks < 60; ++looks) {
    const before = encoders.reduce((sum, { step }) => sum + step, 0);
    machine.run(0.5);
    downs.push(encoders.reduce((sum, { step }) => sum + step, 0) - before);
  }
  t.ok(Math.max(...downs) <= 1, 'one at a time');
  t.ok(encoders.reduce((sum, { demand }) => sum + demand, 0) <= 0.8, 'until it fits');
  machine.cores = 2;
  machine.run(900);
  t.same(
    encoders.map(({ step }) => step),
    [0, 0, 0],
  );
});

t.test('what was too early is tried again later and later, not for ever at the same pace', async (t) => {
  const encoder = new SimulatedEncoder('high', [60, 20]);
  const machine = new SimulatedMachine([encoder]);
  machine.run(1800);
  const tries = encoder.history.filter((step) => step === 0).length;
  t.ok(tries >= 4 && tries <= 9, `${tries} tries in half an hour: 10 s, 20 s, 40 s ... 320 s apart`);
});

t.test('nothing is lower than the last step, and a stream with one step is left alone', async (t) => {
  const encoders = [new SimulatedEncoder('high', [90, 80]), new SimulatedEncoder('fixed', [90])];
  new SimulatedMachine(encoders).run(120);
  t.same([encoders[0]?.step, encoders[1]?.history], [1, []]);
});

t.test('while nobody watches, a stream stays as it is and is judged anew when somebody comes', async (t) => {
  const encoder = new SimulatedEncoder('high', [60, 20]);
  const machine = new SimulatedMachine([encoder]);
  machine.run(8);
  t.equal(encoder.step, 1);
  encoder.watched = false;
  machine.run(600);
  t.same(encoder.history, [1]);
  encoder.watched = true;
  machine.run(3);
  t.same(encoder.history, [1], 'the first pictures say nothing');
});

t.test('pictures that an encoder keeps back by design are not late', async (t) => {
  const encoder = new SimulatedEncoder('smooth', [10, 5]);
  const late = () => {
    encoder.run(1);
    encoder.latenessMs = 10 * 33 + 30;
  };
  for (const { delayFrames, wanted } of [
    { delayFrames: 10, wanted: 'calm' },
    { delayFrames: 0, wanted: 'late' },
  ] as const) {
    const strain = new EncoderStrain(encoder, delayFrames);
    let last = '';
    for (let now = 0; now < 10_000; now += 500) {
      late();
      last = strain.look(now);
    }
    t.equal(last, wanted === 'calm' ? 'strained' : 'late', `${delayFrames} frames of look-ahead`);
  }
});

t.test('while the camera loses frames, an encoder that is merely busy steps down', async (t) => {
  for (const losing of [false, true]) {
    let frames = 0;
    let dropped = 0;
    const capture = new CaptureLoss(() => {
      frames += 30;
      dropped += losing ? 3 : 0;
      return { published: frames, framesDropped: dropped };
    });
    const encoder = new SimulatedEncoder('high', [30, 20]);
    const machine = new SimulatedMachine([encoder], { capture });
    encoder.overheadMs = 30; // 60 of 87 ms allowed
    machine.run(10);
    t.same(encoder.history, losing ? [1] : []);
  }
});

t.test('it can be switched off', async (t) => {
  const encoder = new SimulatedEncoder('high', [90, 80]);
  const streams = [{ encoder, capture: losslessCapture, delayFrames: 0 }];
  const quality = new Quality(streams, { ...config, enabled: false }, silentLog);
  quality.start();
  quality.stop();
  t.same(quality.reportOf('high'), { steppedDown: 0, steppedUp: 0, strain: 'idle' });
});
