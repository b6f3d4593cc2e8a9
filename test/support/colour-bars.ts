import { execFileSync } from 'node:child_process';
import sharp from 'sharp';
import { colourDistance, type Rgb } from './pixel-colour.js';

/** Flat colours side by side: those of a test card at full strength, a grey and one between. */
export const barColours: readonly Rgb[] = [
  [255, 255, 255],
  [255, 255, 0],
  [0, 255, 255],
  [0, 255, 0],
  [255, 0, 255],
  [255, 0, 0],
  [0, 0, 255],
  [0, 0, 0],
  [128, 128, 128],
  [200, 100, 50],
];

/** How bars are coded: 0..255 or 16..235, and by whose weights. */
export interface BarCoding {
  readonly matrix: 'bt601' | 'bt709';
  readonly range: 'full' | 'limited';
}

const size = { width: 640, height: 480 };
const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${size.width}x${size.height}`, '-i', 'pipe:0'];

/** Writes a film of bars, 640x480, nothing lost but by 4:2:0; tagged as it is coded. */
export function writeBarFilm(path: string, { matrix, range }: BarCoding): void {
  const tag = { bt601: 'smpte170m', bt709: 'bt709' }[matrix];
  const level = { full: 'pc', limited: 'tv' }[range];
  const scale = `scale=out_color_matrix=${matrix}:out_range=${level}:flags=accurate_rnd,format=yuv420p`;
  const tags = ['-colorspace', tag, '-color_primaries', tag, '-color_trc', tag, '-color_range', level];
  const coding = ['-vf', scale, '-frames:v', '15', '-c:v', 'libx264', '-qp', '0', ...tags];
  const input = Buffer.concat(Array.from({ length: 15 }, barPixels));
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-r', '15', ...raw, ...coding, path], { input });
}

/** Bars as a camera gives them in JPEG, 4:2:0: ffmpeg's blocks of 4:2:2 have an order unknown to RFC 2435. */
export function barJpeg(): Buffer {
  const coding = ['-pix_fmt', 'yuvj420p', '-huffman', 'default', '-q:v', '2', '-frames:v', '1'];
  return execFileSync('ffmpeg', ['-v', 'error', ...raw, ...coding, '-f', 'mjpeg', '-'], {
    input: barPixels(),
  });
}

/** Bars as a camera gives them in H.264, BT.709 of limited range: access units, every fifth a key frame. */
export function barUnits(): Buffer[] {
  const tags = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
  const scale = 'scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd,format=yuv420p';
  const codec = ['-c:v', 'libx264', '-profile:v', 'main', '-preset', 'ultrafast', '-tune', 'zerolatency'];
  const parameters = ['-g', '5', '-qp', '8', '-x264-params', 'repeat-headers=1:scenecut=0:aud=1'];
  const coding = ['-vf', scale, '-frames:v', '10', ...codec, ...parameters, ...tags, '-color_range', 'tv'];
  const stream = execFileSync('ffmpeg', ['-v', 'error', ...raw, ...coding, '-f', 'h264', '-'], {
    input: Buffer.concat(Array.from({ length: 10 }, barPixels)),
    maxBuffer: 2 ** 26,
  });
  const delimiter = Buffer.of(0, 0, 0, 1, 9); // of access units
  const begins: number[] = [];
  for (let at = stream.indexOf(delimiter); at >= 0; at = stream.indexOf(delimiter, at + 1)) begins.push(at);
  return begins.map((begin, index) => stream.subarray(begin, begins[index + 1]));
}

/** The colour in the middle of each bar. */
export function barsFrom(colourOf: (x: number, y: number) => Rgb): Rgb[] {
  const wide = size.width / barColours.length;
  return barColours.map((_, bar) => colourOf(Math.floor((bar + 0.5) * wide), size.height / 2));
}

/** The bars of an rgb24 picture without padding. */
export function barsOfPixels(pixels: Buffer): Rgb[] {
  return barsFrom((x, y) => {
    const [r = 0, g = 0, b = 0] = pixels.subarray(3 * (y * size.width + x));
    return [r, g, b];
  });
}

/** The bars of a JPEG, as libjpeg shows them. */
export async function barsOfJpeg(jpeg: Buffer): Promise<Rgb[]> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  if (info.width !== size.width || info.height !== size.height) {
    throw new Error(`wanted ${size.width}x${size.height}, found ${info.width}x${info.height}`);
  }
  return barsOfPixels(data);
}

/** By how many levels two pictures' bars are apart at most, in any channel. */
export function barsApart(a: readonly Rgb[], b: readonly Rgb[]): number {
  return Math.max(...a.map((colour, bar) => colourDistance(colour, b[bar] ?? [-1000, 0, 0])));
}

function barPixels(): Buffer {
  const wide = size.width / barColours.length;
  const row = Buffer.concat(barColours.map((colour) => Buffer.alloc(3 * wide, Buffer.from(colour))));
  return Buffer.concat(Array.from({ length: size.height }, () => row));
}
