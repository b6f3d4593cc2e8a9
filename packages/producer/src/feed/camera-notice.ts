import type { NativeEvent } from '@camstream/core';

/** What viewers see in place of a camera that is away; nothing while it works. */
export class CameraNotice {
  private current = '';
  private readonly listeners = new Set<(text: string) => void>();

  constructor(
    private readonly camera: string,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** `listener` is called at once, and whenever the text changes. An empty text is no notice. */
  follow(listener: (text: string) => void): void {
    this.listeners.add(listener);
    listener(this.current);
  }

  /** An event of the camera's capture. */
  readonly take = (event: NativeEvent): void => {
    if (event.kind === 'failed') this.say(reasons[event.code] ?? 'camera failed, waiting');
    if (event.kind === 'stalled' && this.current === '') this.say('no picture from the camera');
    if (event.kind === 'started' || event.kind === 'recovered') this.tell('');
  };

  private say(what: string): void {
    if (this.current.includes(`\n${what}\n`)) return;
    const time = this.now().toISOString().slice('2026-11-26T'.length, -'.000Z'.length);
    this.tell(`${this.camera}\n${what}\nsince ${time} UTC`);
  }

  private tell(text: string): void {
    if (text === this.current) return;
    this.current = text;
    for (const listener of this.listeners) listener(text);
  }
}

const reasons: Readonly<Record<string, string>> = {
  DEVICE_GONE: 'camera unplugged, waiting',
  DEVICE_NOT_FOUND: 'camera unplugged, waiting',
  DEVICE_PERMISSION: 'camera may not be used yet, waiting',
  DEVICE_BUSY: 'camera in use by another program, waiting',
  DEVICE_NO_SIGNAL: 'no signal, waiting',
  DEVICE_SIGNAL_CHANGED: 'signal has changed, waiting',
  CAMERA_STALLED: 'camera gives no pictures, waiting',
};
