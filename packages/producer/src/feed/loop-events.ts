import { type Log, type NativeEvent, ringInfoOf } from '@camstream/core';
import { shapeText } from '../config/shape-text.js';
import { Seldom } from '../log/seldom.js';
import { Visits } from './visits.js';

/** What a native thread was last heard of. */
export type LoopState =
  | { readonly kind: 'live' }
  | { readonly kind: 'stalled' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

const soonMs = 1000;
const laterMs = 60_000;

/** Turns what a capture or conversion thread tells into log lines and a state. */
export class LoopEvents {
  /** Readers in other processes. */
  readonly visits = new Visits();
  private current: LoopState = { kind: 'live' };
  private readonly failures: Seldom;
  /** The code of the failure that was told last, and lasts. */
  private lasting = '';
  private readonly revocations: Seldom;

  /** `who` begins each line: "camera main". */
  constructor(
    private readonly who: string,
    private readonly log: Log,
    nowMs?: () => number,
  ) {
    this.failures = new Seldom(log, 'error', soonMs, nowMs);
    this.revocations = new Seldom(log, 'warn', soonMs, nowMs);
  }

  get state(): LoopState {
    return this.current;
  }

  /** To be handed to the addon. */
  readonly take = (event: NativeEvent): void => {
    const { who, log } = this;
    switch (event.kind) {
      case 'started':
        this.current = { kind: 'live' };
        this.lasting = '';
        log.info({}, `${who}: ${event.description || shapeText(ringInfoOf(event.info))}`);
        return;
      case 'failed':
        this.current = { kind: 'failed', code: event.code, message: event.message };
        this.tellFailure(event);
        return;
      case 'stalled':
        if (this.current.kind === 'live') this.current = { kind: 'stalled' };
        log.warn({}, `${who}: no frames any more; viewers and readers stay and get the next one`);
        return;
      case 'recovered':
        this.current = { kind: 'live' };
        this.lasting = '';
        log.info({}, `${who}: frames again`);
        return;
      case 'rebuilt':
        log.warn({}, `${who}: its ring was made anew`);
        return;
      case 'ended':
        log.debug({}, `${who}: the source came to its end and starts anew`);
        return;
      case 'notice':
        log.info({ code: event.code }, `${who}: ${event.message}`);
        return;
      case 'visited':
        this.visits.set(event.count > 0);
        return;
      case 'revoked':
        this.revocations.line({ leases: event.count }, `${who}: took frames away from a reader that hangs`);
        return;
    }
  };

  /** When it begins or becomes another, and then now and then: a camera may be away for weeks. */
  private tellFailure({ code, message, retryInMs }: Extract<NativeEvent, { kind: 'failed' }>): void {
    const interval = code === this.lasting ? laterMs : soonMs;
    if (this.failures.line({ code, retryInMs }, `${this.who}: ${message}`, interval)) this.lasting = code;
  }
}
