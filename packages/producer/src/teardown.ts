import type { Log } from '@camstream/core';

/** What has been opened, to be closed in reverse: once, from anywhere, to the end even if a step fails. */
export class Teardown {
  private readonly steps: { readonly name: string; readonly close: () => void | Promise<void> }[] = [];
  private running: Promise<void> | undefined;

  constructor(private readonly log: Log) {}

  add(name: string, close: () => void | Promise<void>): void {
    this.steps.push({ name, close });
  }

  run(): Promise<void> {
    this.running ??= this.closeAll();
    return this.running;
  }

  private async closeAll(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step.close();
        this.log.debug({ step: step.name }, 'closed');
      } catch (error) {
        this.log.error({ step: step.name, err: String(error) }, 'could not be closed properly');
      }
    }
  }
}
