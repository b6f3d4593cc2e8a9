/** Numbers that look random and are the same for the same seed: 0 up to, not including, `below`. */
export type Random = (below: number) => number;

/** mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const telling = [0, 1, 9, 10, 13, 32, 34, 36, 44, 58, 59, 61, 64, 92, 127, 128, 254, 255];

/** One to eight changes of an input. `others` to take pieces from, `words` of the format's own. */
export function mutated(
  input: Buffer,
  random: Random,
  others: readonly Buffer[],
  words: readonly string[],
  mostBytes: number,
): Buffer {
  let data: Buffer = Buffer.from(input);
  for (let changes = 1 << random(4); changes > 0; --changes)
    data = change(data, random, others, words, mostBytes);
  return data.subarray(0, mostBytes);
}

function change(
  data: Buffer,
  random: Random,
  others: readonly Buffer[],
  words: readonly string[],
  mostBytes: number,
): Buffer {
  const at = random(data.length + 1);
  const end = Math.min(data.length, at + 1 + random(random(4) === 0 ? 256 : 8));
  const piece = data.subarray(at, end);
  const put = (bytes: Uint8Array, until = at) =>
    Buffer.concat([data.subarray(0, at), bytes, data.subarray(until)]);
  switch (random(9)) {
    case 0: // A bit.
      if (at < data.length) data[at] = (data[at] ?? 0) ^ (1 << random(8));
      return data;
    case 1:
      return put(Buffer.of(telling[random(telling.length)] ?? 0), Math.min(data.length, at + 1));
    case 2:
      return put(Buffer.of(random(256)));
    case 3:
      return put(Buffer.alloc(0), end);
    case 4:
      return put(piece);
    case 5:
      // Seldom up to all that there may be.
      return put(repeated(piece, 1 << random(random(16) === 0 ? 16 : 6), mostBytes));
    case 6:
      return put(Buffer.from(words[random(words.length)] ?? '', 'latin1'), random(2) === 0 ? at : end);
    case 7: {
      const other = others[random(others.length)] ?? data;
      const from = random(other.length);
      return put(other.subarray(from, from + 1 + random(64)), random(2) === 0 ? at : end);
    }
    default: // A number among the text, or two bytes.
      return random(2) === 0
        ? put(Buffer.from(String(random(2 ** 17))))
        : put(Buffer.of(random(4), random(256)), end);
  }
}

function repeated(piece: Buffer, times: number, mostBytes: number): Buffer {
  return piece.length === 0 ? piece : Buffer.alloc(Math.min(piece.length * times, mostBytes), piece);
}
