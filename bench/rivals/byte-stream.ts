/**
 * The frame's bytes through the kernel, between two Node processes: a UNIX socket (`socket`) or a named
 * pipe (`pipe`), one per reader. The reader puts the chunks together into one buffer. The writer is fair to
 * itself: a reader that has not taken its last frame yet is skipped, so nothing queues up.
 */

import { execFileSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { connect, createServer, Socket } from 'node:net';
import {
  type ParticipantArguments,
  Picture,
  paced,
  parseArguments,
  Recorder,
  say,
  TAIL_FRAMES,
  waitForGo,
} from '../harness/participant.js';

const kind = process.argv[2] as 'socket' | 'pipe';
const args = parseArguments(process.argv.slice(3));
if (args.role === 'writer') await write(args);
else read(args);

async function write({ bytes, readers, address }: ParticipantArguments): Promise<void> {
  const sinks: Socket[] = [];
  const add = (sink: Socket): void => {
    sinks.push(sink.on('error', () => sinks.splice(sinks.indexOf(sink), 1)));
  };
  const server = createServer(add);
  if (kind === 'socket') {
    await new Promise<void>((resolve) => server.listen(address, resolve));
  } else {
    for (let index = 0; index < readers; index++) execFileSync('mkfifo', [`${address}.${index}`]);
  }
  say('ready');
  await waitForGo();
  if (kind === 'pipe') {
    for (let index = 0; index < readers; index++) {
      const fd = openSync(`${address}.${index}`, constants.O_RDWR | constants.O_NONBLOCK);
      add(new Socket({ fd, readable: false, writable: true }));
    }
  }
  await paced(args, (sequence) => {
    const idle = sinks.filter((sink) => sink.writableLength === 0);
    if (idle.length === 0) return;
    const picture = new Picture(bytes);
    picture.stamp(sequence);
    for (const sink of idle) sink.write(picture.bytes);
  });
  // A reader that is far behind gets a last picture all the same.
  const picture = new Picture(bytes);
  picture.stamp(args.last + TAIL_FRAMES + 1);
  await Promise.all(sinks.map((sink) => new Promise<void>((resolve) => sink.end(picture.bytes, resolve))));
  server.close();
}

function read({ bytes, last, address, index }: ParticipantArguments): void {
  const picture = Buffer.alloc(bytes);
  const recorder = new Recorder(last);
  let filled = 0;
  let done = false;
  const source =
    kind === 'socket'
      ? connect(address)
      : new Socket({
          fd: openSync(`${address}.${index}`, constants.O_RDWR | constants.O_NONBLOCK),
          readable: true,
        });
  const take = (chunk: Buffer): void => {
    let rest = chunk;
    while (rest.length > 0 && !done) {
      const part = rest.subarray(0, bytes - filled);
      picture.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
      if (filled < bytes) continue;
      filled = 0;
      done = !recorder.frame(picture);
    }
    if (done) {
      recorder.print();
      source.destroy();
    }
  };
  source.on('data', take).on('error', () => {});
  if (kind === 'socket') source.once('connect', () => say('ready'));
  else say('ready');
}
