import { askStatus } from '@camstream/producer';
import type { LogLine, Service } from '../support/service.js';
import { until } from '../support/until.js';

/** A fault: in words, the controls of vivid that bring it about, and what the service tells of it. */
type Injection = readonly [what: string, controls: readonly string[], told: Told];

interface Told {
  /** Lines of the log. */
  readonly lines: readonly { readonly code: string; readonly says: RegExp }[];
  /** Pictures counted as corrupt in the status. */
  readonly corrupt?: number;
}

const ended = { code: 'CAMERA_RECOVERY', says: /VIDIOC_DQBUF: Input\/output error.*stopped and started/ };
const refused = { code: 'CAMERA_RECOVERY', says: /VIDIOC_QBUF of .*: Invalid argument.*stopped and started/ };
const gone = { code: 'DEVICE_GONE', says: /is gone \(VIDIOC_\w+: No such device/ };

/** What vivid can be told to do wrong. */
export const injections: readonly Injection[] = [
  ['a buffer that the driver flags', ['inject_v4l2_buf_flag_error'], { lines: [], corrupt: 1 }],
  ['a fatal error of the stream', ['inject_fatal_streaming_error'], { lines: [ended] }],
  ['an error of QBUF', ['inject_vidioc_qbuf_error'], { lines: [refused] }],
  [
    'a stream that ends and an error of REQBUFS',
    ['inject_vidioc_reqbufs_error', 'inject_fatal_streaming_error'],
    { lines: [ended, { code: 'DEVICE_USERPTR', says: /VIDIOC_REQBUFS: Invalid argument/ }] },
  ],
  [
    'a stream that ends and an error of STREAMON',
    ['inject_vidioc_streamon_error', 'inject_fatal_streaming_error'],
    { lines: [ended, { code: 'DEVICE_USERPTR', says: /VIDIOC_STREAMON: Invalid argument/ }] },
  ],
  ['a device that is disconnected', ['disconnect'], { lines: [gone] }],
  ['an error of a request, which we make none of', ['inject_req_validate_error'], { lines: [] }],
];

/** What a service tells of one camera from now on. */
export class FaultsTold {
  private constructor(
    private readonly service: Service,
    private readonly camera: string,
    private readonly linesBefore: number,
    private readonly corruptBefore: number,
  ) {}

  static async fromNow(service: Service, camera: string): Promise<FaultsTold> {
    const corrupt = await corruptOf(service, camera);
    return new FaultsTold(service, camera, service.linesWhere(() => true).length, corrupt);
  }

  /** Waits until this was told. */
  async told({ lines, corrupt = 0 }: Told): Promise<void> {
    for (const { code, says } of lines) {
      const isIt = (line: LogLine) => line.code === code && says.test(String(line.msg));
      await until(`a line ${code}: ${says}`, () => this.lines().some(isIt));
    }
    await until(`pictures counted as corrupt: ${corrupt}`, async () => {
      return (await corruptOf(this.service, this.camera)) === this.corruptBefore + corrupt;
    });
  }

  /** Faults so far; that the emulated machine is slow is none. */
  codes(): readonly unknown[] {
    return this.lines().flatMap(({ code }) => (code === undefined || code === 'CAMERA_SLOW' ? [] : [code]));
  }

  private lines(): readonly LogLine[] {
    const all = this.service.linesWhere(() => true).slice(this.linesBefore);
    return all.filter(({ msg }) => String(msg).startsWith(`camera ${this.camera}:`));
  }
}

async function corruptOf(service: Service, camera: string): Promise<number> {
  const { cameras } = await askStatus(new URL(service.url('/')), undefined);
  return cameras.find(({ name }) => name === camera)?.frames.corrupt ?? Number.NaN;
}
