import { randomBytes } from 'node:crypto';
import type { Delivery } from '../../stream/delivery.js';
import type { FirstPacket } from './rtp-viewing.js';

/** Where a session's packets go: to one viewer, or to a group that others listen to as well. */
export interface SessionMedia {
  /** As the answer to SETUP says it (RFC 2326 12.39). */
  readonly transport: string;
  first(): FirstPacket;
  start(): void;
  stop(): void;
  /** Says good-bye where that is this session's to say. */
  goodbye(): void;
  tick(nowMs: number): void;
  /** When the viewer last took something; undefined where nobody can know. */
  readonly lastMovedMs: number | undefined;
  close(): void;
  /** What this viewer was given; undefined where that is counted for a group. */
  readonly delivery: Delivery | undefined;
}

/** How long a session waits for its viewer. */
export interface SessionPatience {
  /** To be heard of. */
  readonly timeoutMs: number;
  /** To take what was sent. */
  readonly stuckMs: number;
}

/** A connection with its sessions. */
export interface SessionHolder {
  readonly sessions: Set<RtspSession>;
  /** It goes on over another connection. */
  sessionMoved(session: RtspSession): void;
  sessionClosed(session: RtspSession, why: string): void;
}

/** One viewer's session (RFC 2326 3): what SETUP made, until TEARDOWN or its time-out. */
export class RtspSession {
  readonly id = randomBytes(8).toString('hex');
  private playing = false;
  private isClosed = false;
  private seenMs = performance.now();
  private orphanedMs: number | undefined;

  constructor(
    readonly stream: string,
    private media: SessionMedia,
    private holder: SessionHolder,
    /** Called once. */
    private readonly closed: (session: RtspSession) => void,
  ) {
    holder.sessions.add(this);
  }

  get isPlaying(): boolean {
    return this.playing;
  }

  /** What the viewer was given; undefined where that is counted for a group. */
  get delivery(): Delivery | undefined {
    return this.media.delivery;
  }

  /** Something that shows the viewer alive. */
  touch(): void {
    this.seenMs = performance.now();
  }

  /** Its packets go over the connection that it belongs to. */
  get isInterleaved(): boolean {
    return this.delivery?.protocol === 'rtsp-tcp';
  }

  /** Belongs to this connection from now on: RFC 2326 1.6 binds no session to the one that made it. */
  moveTo(holder: SessionHolder): void {
    this.orphanedMs = undefined;
    if (holder === this.holder) return;
    this.holder.sessionMoved(this);
    this.holder = holder;
    holder.sessions.add(this);
  }

  /** Its connection is gone. It may go on over another one. */
  orphan(): void {
    this.orphanedMs = performance.now();
  }

  /** Since when it has no connection; undefined while it has. */
  get orphanSinceMs(): number | undefined {
    return this.orphanedMs;
  }

  /** Another transport, before it plays. */
  replace(media: SessionMedia): void {
    this.media.close();
    this.media = media;
  }

  /** What the first packet will be; to be asked right before play(). */
  first(): FirstPacket {
    return this.media.first();
  }

  play(): void {
    if (this.isClosed) return;
    this.playing = true;
    this.media.start();
  }

  pause(): void {
    this.playing = false;
    this.media.stop();
  }

  /** Ends a session whose viewer has not been heard of, or has taken nothing, for too long. */
  tick(nowMs: number, { timeoutMs, stuckMs }: SessionPatience): void {
    // Bytes that arrive are as good as a keep-alive.
    const movedMs = (this.playing ? this.media.lastMovedMs : undefined) ?? 0;
    this.seenMs = Math.max(this.seenMs, movedMs);
    if (movedMs > 0 && nowMs - movedMs > stuckMs) this.close('it takes nothing any more');
    else if (nowMs - this.seenMs > timeoutMs) this.close('it has not been heard of');
    else if (this.playing) this.media.tick(nowMs);
  }

  /** May be called twice. */
  close(why: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.playing) this.media.goodbye();
    this.playing = false;
    this.media.stop();
    this.media.close();
    this.closed(this);
    this.holder.sessionClosed(this, why);
  }
}
