import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { writeLongTable } from '../support/long-table.js';

interface Held {
  readonly round: number;
  readonly fds: number;
  readonly threads: number;
  readonly maps: number;
  /** Memory of its own, in MB: neither files nor shared. */
  readonly anonymous: number;
}

// Of V8's heap and malloc's arenas: they grow to their working size, and then no more.
const warmUpRounds = 20;
const slackMb = 24;
const slackMaps = 8;

/** What a process holds, round after round. */
export class HeldTable {
  private readonly rows: Held[] = [];

  constructor(private readonly child: ChildProcess) {}

  note(round: number): void {
    this.rows.push(this.held(round));
  }

  /** Whether no more is held now than at the first, and no more memory than after some rounds. */
  isEven(): boolean {
    const [first] = this.rows;
    if (!first) throw new Error('nothing was noted');
    const warm = this.rows.find(({ round }) => round >= warmUpRounds) ?? first;
    const now = this.held(0);
    const memory = now.anonymous <= warm.anonymous + slackMb;
    return (
      now.fds <= first.fds && now.threads <= first.threads && now.maps <= first.maps + slackMaps && memory
    );
  }

  /** Into docs/results. */
  write(name: string): void {
    writeLongTable({
      name,
      title: 'A camera that fails and goes, again and again',
      about: [
        'In the camera VM: one service, its camera of vivid. In each round an error is injected (each kind',
        'in turn), then the camera is removed (unbind) and comes back; after each a raw reader and a viewer',
        'of MJPEG, attached all the time, are served again. What the service holds then:',
      ],
      columns: ['after round', 'descriptors', 'threads', 'mappings', 'memory of its own, MB'],
      rows: this.rows.map(({ round, fds, threads, maps, anonymous }) => [
        ...[round, fds, threads, maps],
        anonymous.toFixed(1),
      ]),
    });
  }

  private held(round: number): Held {
    const { pid } = this.child;
    const anonymous = /^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return {
      round,
      fds: readdirSync(`/proc/${pid}/fd`).length,
      threads: readdirSync(`/proc/${pid}/task`).length,
      maps: readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').length,
      anonymous: Number(anonymous) / 1024,
    };
  }
}
