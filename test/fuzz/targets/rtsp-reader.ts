import { type RtspMessage, RtspReader, responseBytes, targetOf, transportWishes } from '@camstream/producer';
import type { FuzzTarget } from '../fuzzer.js';
import { longRtsp, rtspRequests, rtspWords } from '../rtsp-words.js';

/** A connection's bytes into requests and packets: the same however they are cut, and little of it kept. */
export const rtspReader: FuzzTarget = {
  name: 'rtsp-reader',
  scripts: '/packages/producer/dist/',
  mostBytes: 65_536,
  seeds: [...rtspRequests, ...longRtsp].map((text) => Buffer.from(`\x07${text}`, 'latin1')),
  words: rtspWords,
  run(input) {
    const bytes = input.subarray(1);
    const whole = messagesOf([bytes]);
    // In so many pieces at most: each is put behind what is there, and long inputs would take all the time.
    const size = Math.max(((input[0] ?? 0) % 32) + 1, Math.ceil(bytes.length / 256));
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    const cut = messagesOf(pieces);
    if (cut !== whole) throw new Error(`cut into ${size} bytes each it is ${cut}, else ${whole}`);
  },
};

/** What a connection's bytes come to, as text. */
function messagesOf(chunks: readonly Buffer[]): string {
  const reader = new RtspReader();
  const texts: string[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let message = reader.next(); message !== undefined; message = reader.next()) {
      texts.push(understood(message));
    }
    if (reader.heldBytes > 26_000) throw new Error(`it holds ${reader.heldBytes} bytes`);
  }
  return texts.join('\n');
}

function understood(message: RtspMessage): string {
  switch (message.kind) {
    case 'interleaved':
      return `${message.channel} ${message.data.toString('latin1')}`;
    case 'broken':
      responseBytes({ status: message.status, body: message.reason }, undefined, 0);
      return `broken ${message.status} ${message.reason}`;
    case 'request': {
      const { method, url, headers, body } = message;
      const wishes = transportWishes(headers.get('transport') ?? '', '127.0.0.1');
      const parts = [method, targetOf(url), [...headers], wishes, body.toString('latin1')];
      return JSON.stringify(parts);
    }
  }
}
