/** A multipart body of JPEGs, with or without HTTP around it: whoever sends it tells each part's length. */

const HEAD_END = Buffer.from('\r\n\r\n');

/** One part. */
export interface Part {
  /** Its header lines. */
  readonly head: string;
  /** The picture; empty if they are only counted. */
  readonly picture: Buffer;
  readonly bytes: number;
}

/** Cuts a byte stream into parts by their Content-Length. */
export class MultipartReader {
  readonly #onPart: (part: Part) => void;
  readonly #keep: boolean;
  #head = '';
  #waiting: Buffer[] = [];
  #missing = 0; // bytes of the current picture that have not come
  #size = 0;

  /** `keep`: hand pictures out; otherwise they are only counted, without a copy. */
  constructor(keep: boolean, onPart: (part: Part) => void) {
    this.#keep = keep;
    this.#onPart = onPart;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.#missing > 0 ? this.#body(rest) : this.#heading(rest);
  }

  #body(chunk: Buffer): Buffer {
    const part = chunk.subarray(0, this.#missing);
    if (this.#keep) this.#waiting.push(part);
    this.#missing -= part.length;
    if (this.#missing === 0) {
      this.#onPart({ head: this.#head, picture: Buffer.concat(this.#waiting), bytes: this.#size });
      this.#waiting = [];
      this.#head = '';
    }
    return chunk.subarray(part.length);
  }

  #heading(chunk: Buffer): Buffer {
    // The head may be cut anywhere, so it is looked for in what has come of it so far.
    const before = this.#head.length;
    const text = this.#head + chunk.toString('latin1', 0, 2048);
    const end = text.indexOf(HEAD_END.toString(), text.search(/[^\r\n]/));
    if (end < 0) {
      this.#head = text;
      return chunk.subarray(2048);
    }
    this.#head = text.slice(0, end);
    const length = /content-length: *(\d+)/i.exec(this.#head)?.[1];
    if (length === undefined) throw new Error(`a part without Content-Length: ${JSON.stringify(this.#head)}`);
    this.#size = this.#missing = Number(length);
    return chunk.subarray(end + HEAD_END.length - before);
  }
}
