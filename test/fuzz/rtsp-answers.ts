/** An answer as it stands among what a server has sent. */
export interface SentAnswer {
  readonly status: number;
  /** By name in small letters. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Reads all that an RTSP server has sent over one connection. Throws where it is not as RFC 2326 has it. */
export function rtspAnswers(sent: Buffer): SentAnswer[] {
  const answers: SentAnswer[] = [];
  for (let at = 0; at < sent.length; ) {
    if (sent[at] === 0x24) {
      at += 4 + sent.readUInt16BE(at + 2);
      continue;
    }
    const end = sent.indexOf('\r\n\r\n', at);
    if (end < 0) throw new Error(`no answer: ${sent.toString('latin1', at)}`);
    const answer = answerOf(sent.toString('latin1', at, end));
    answers.push(answer);
    at = end + 4 + Number(answer.headers.get('content-length') ?? 0);
    if (at > sent.length) throw new Error('a body is cut off');
  }
  return answers;
}

function answerOf(head: string): SentAnswer {
  const [first = '', ...lines] = head.split('\r\n');
  const [, status, reason] = /^RTSP\/1\.0 (\d{3}) ([A-Z][A-Za-z -]+)$/.exec(first) ?? [];
  if (status === undefined || reason === 'Error' || status === '500') throw new Error(`answered ${first}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = /^([A-Z][A-Za-z-]*): ([\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`a header is ${JSON.stringify(line)}`);
    headers.set(name.toLowerCase(), value);
  }
  return { status: Number(status), headers };
}
