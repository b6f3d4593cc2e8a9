import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RecordedPacket } from './rtp-recorder-process.js';
import { nalsOf, type RtpPacket } from './rtsp-client.js';

/** A picture of H.264 as far as it came. */
export interface RecordedPicture {
  readonly timestamp: number;
  /** When its last packet came; CLOCK_MONOTONIC. */
  readonly atNs: bigint;
  readonly keyFrame: boolean;
  /** Packets of it, or whole pictures right before it, are missing. */
  readonly isDamaged: boolean;
  /** It and everything that it leans on, back to a key frame, has come. */
  readonly isWhole: boolean;
  readonly nals: readonly Buffer[];
}

/** From a picture that was damaged while the viewer was whole until it is whole again, or until the end. */
interface Recovery {
  /** From the one picture's time stamp to the other's: whatever the machine does meanwhile. */
  readonly ms: number;
  readonly isWhole: boolean;
  /** Key frames meanwhile that were damaged, too. */
  readonly keyFramesLost: number;
}

const program = fileURLToPath(new URL('rtp-recorder-process.js', import.meta.url));
const sps = 7;
const idr = 5;

/** What a viewer by UDP gets of a stream of H.264. `wrapper`: what puts it where it watches. */
export async function recordRtp(
  [command, ...args]: readonly [string, ...string[]],
  url: string,
  seconds: number,
): Promise<RecordedPicture[]> {
  const recorder = [...args, process.execPath, program, url, String(seconds)];
  const child = spawn(command, recorder, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk;
  const [code] = await ended;
  if (code !== 0) throw new Error(`the recorder ended with ${code}`);
  const packets = text
    .trim()
    .split('\n')
    .map((line): RtpPacket => {
      const { atNs, payload, ...others } = JSON.parse(line) as RecordedPacket;
      const own = { payloadType: 0, ssrc: 0 };
      return { ...others, ...own, atNs: BigInt(atNs), payload: Buffer.from(payload, 'base64') };
    });
  return picturesOf(packets);
}

/** What became of each damage. */
export function recoveries(pictures: readonly RecordedPicture[]): Recovery[] {
  return pictures.flatMap((picture, at) => {
    if (picture.isWhole || pictures[at - 1]?.isWhole !== true) return [];
    const after = pictures.slice(at + 1);
    const again = after.findIndex(({ isWhole }) => isWhole);
    const meanwhile = again < 0 ? after : after.slice(0, again);
    const end = again < 0 ? after.at(-1) : after[again];
    const ms = (((end ?? picture).timestamp - picture.timestamp) >>> 0) / 90;
    return [{ ms, isWhole: again >= 0, keyFramesLost: meanwhile.filter(({ keyFrame }) => keyFrame).length }];
  });
}

function picturesOf(packets: readonly RtpPacket[]): RecordedPicture[] {
  const groups: RtpPacket[][] = [];
  for (const packet of packets) {
    const last = groups.at(-1);
    if (last?.[0]?.timestamp === packet.timestamp) last.push(packet);
    else groups.push([packet]);
  }
  let canDecode = false;
  return groups.map((group, index) => {
    const [first] = group as [RtpPacket];
    const before = groups[index - 1]?.at(-1);
    const isDamaged =
      missing([...(before === undefined ? [] : [endOf(before)]), ...group]) > 0 || !hasEnd(group);
    const nals = isDamaged ? [] : nalsOf(group);
    const keyFrame = group.some(({ payload }) =>
      typesOf(payload).some((type) => type === idr || type === sps),
    );
    canDecode = !isDamaged && (canDecode || keyFrame);
    return {
      timestamp: first.timestamp,
      atNs: (group.at(-1) as RtpPacket).atNs,
      keyFrame,
      isDamaged,
      isWhole: canDecode,
      nals,
    };
  });
}

/** A picture without its marker lacks at least the packet that has it. */
function endOf({ sequence, marker }: RtpPacket): { readonly sequence: number } {
  return { sequence: marker ? sequence : (sequence + 1) & 0xffff };
}

function hasEnd(packets: readonly RtpPacket[]): boolean {
  return packets.at(-1)?.marker === true;
}

function missing(packets: readonly { readonly sequence: number }[]): number {
  return packets
    .slice(1)
    .reduce(
      (sum, { sequence }, index) => sum + ((sequence - (packets[index]?.sequence ?? 0) - 1) & 0xffff),
      0,
    );
}

/** Of the NAL units that begin in a packet (RFC 6184 5.2). */
function typesOf(payload: Buffer): number[] {
  const type = payload.readUInt8(0) & 0x1f;
  if (type === 28) return [payload.readUInt8(1) & 0x1f];
  if (type !== 24) return [type];
  const types: number[] = [];
  for (let at = 1; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at)) {
    types.push(payload.readUInt8(at + 2) & 0x1f);
  }
  return types;
}
