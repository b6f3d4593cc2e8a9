/** How a viewer is served. */
export type ViewerProtocol = 'mjpeg' | 'rtsp-tcp' | 'rtsp-udp' | 'rtsp-multicast';

/** What status and metrics tell of one viewer. */
export interface DeliveryReport {
  readonly protocol: ViewerProtocol;
  readonly address: string;
  readonly sent: number;
  readonly dropped: number;
  readonly bytes: number;
  /** Pictures a second, of the last second or so. */
  readonly rate: number;
  readonly forMs: number;
}

const windowMs = 1000;

/** What one viewer was given and what it lost for being slow. Whoever sends counts here. */
export class Delivery {
  private sentCount = 0;
  private droppedCount = 0;
  private byteCount = 0;
  private readonly sinceMs: number;
  private windowBeginMs: number;
  private inWindow = 0;
  private inWindowBefore = 0;

  constructor(
    readonly protocol: ViewerProtocol,
    /** Of the viewer's end, for people. */
    readonly address: string,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.sinceMs = nowMs();
    this.windowBeginMs = this.sinceMs;
  }

  /** Pictures handed to the viewer's socket. */
  get sent(): number {
    return this.sentCount;
  }

  /** Pictures that it lost for being slow. */
  get dropped(): number {
    return this.droppedCount;
  }

  send(bytes: number): void {
    ++this.sentCount;
    this.byteCount += bytes;
    this.slide();
    ++this.inWindow;
  }

  drop(pictures = 1): void {
    this.droppedCount += pictures;
  }

  report(): DeliveryReport {
    this.slide();
    const { protocol, address, sent, dropped, byteCount: bytes } = this;
    const forMs = this.nowMs() - this.sinceMs;
    return { protocol, address, sent, dropped, bytes, rate: this.rate(forMs), forMs: Math.round(forMs) };
  }

  /** The last whole window counts for as much of it as the present one has not replaced. */
  private rate(forMs: number): number {
    if (forMs < windowMs) return 0; // Too early to tell.
    const share = (this.nowMs() - this.windowBeginMs) / windowMs;
    const pictures = this.inWindowBefore * (1 - share) + this.inWindow;
    return Math.round((pictures * 10_000) / windowMs) / 10;
  }

  private slide(): void {
    const passed = Math.floor((this.nowMs() - this.windowBeginMs) / windowMs);
    if (passed === 0) return;
    this.inWindowBefore = passed === 1 ? this.inWindow : 0;
    this.inWindow = 0;
    this.windowBeginMs += passed * windowMs;
  }
}
