import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Test } from 'tap';

/** A forked program that answers each message with one; gone after the test. */
export class AskedProcess {
  readonly child: ChildProcess;
  readonly #ended: Promise<never>;

  constructor(t: Test, program: URL, args: readonly string[], env = process.env) {
    this.child = fork(program, args, { env });
    this.#ended = once(this.child, 'exit').then(([code, signal]) => {
      throw new Error(`${program.pathname} ended with ${code ?? signal}`);
    });
    // Its end matters only to those who wait for an answer.
    this.#ended.catch(() => undefined);
    t.teardown(() => this.child.kill('SIGKILL'));
  }

  /** The next message that comes. */
  answer(): Promise<unknown> {
    return Promise.race([once(this.child, 'message').then(([message]) => message), this.#ended]);
  }

  ask(message: object): Promise<unknown> {
    this.child.send(message);
    return this.answer();
  }
}
