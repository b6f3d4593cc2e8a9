import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { H264EncoderName } from '@camstream/producer';
import type { Test } from 'tap';

/** A program that takes ffmpeg's place for a machine that has other encoders than this one. */
export class StandInFfmpeg {
  private readonly folder = mkdtempSync(join(tmpdir(), 'camstream-test-ffmpeg-'));
  /** To be run instead of ffmpeg. */
  readonly program = join(this.folder, 'ffmpeg');
  private constructor(t: Test) {
    t.teardown(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Not there before a script is written. */
  static absent(t: Test): StandInFfmpeg {
    return new StandInFfmpeg(t);
  }

  /** Has these encoders of hardware, for which libx264 stands in, and no other. */
  static withEncoders(t: Test, ...encoders: readonly H264EncoderName[]): StandInFfmpeg {
    const standIn = new StandInFfmpeg(t);
    standIn.write(script(standIn.folder, encoders));
    return standIn;
  }

  /** Any shell script. */
  static script(t: Test, lines: string): StandInFfmpeg {
    const standIn = new StandInFfmpeg(t);
    standIn.write(lines);
    return standIn;
  }

  write(lines: string): void {
    writeFileSync(this.program, `#!/bin/bash\n${lines}\n`);
    chmodSync(this.program, 0o755);
  }

  /** From now on that is what this encoder does at every stream that begins. */
  make(encoder: H264EncoderName, fault: Fault): void {
    writeFileSync(this.faultOf(encoder), fault);
  }

  /** It works again. */
  mend(encoder: H264EncoderName): void {
    rmSync(this.faultOf(encoder));
  }

  private faultOf(encoder: H264EncoderName): string {
    return join(this.folder, encoder);
  }
}

/** Ends as if the driver had crashed; gives some pictures and then none; all, two seconds late. */
export type Fault = 'die' | 'hang' | 'lag';

const delayLine = `process.stdin.on("data", (data) => setTimeout(() => process.stdout.write(data), 2200))`;

function script(folder: string, encoders: readonly H264EncoderName[]): string {
  return `
args=() encoder= input= hardware=
while [ $# -gt 0 ]; do
  case "$1" in
    -init_hw_device|-filter_hw_device|-async_depth|-sei|-rc|-zerolatency|-delay) shift ;;
    -forced-idr|-forced_idr) shift ;;
    -preset|-tune) [ -n "$hardware" ] || args+=("$1" "$2"); shift ;;
    -vf) vf=\${2%,hwupload}; args+=(-vf "$vf"); shift ;;
    -i) input=$2; args+=(-i "$2"); shift ;;
    -c:v) encoder=$2; shift
       args+=(-c:v libx264 -forced-idr 1)
       case " libx264 ${encoders.join(' ')} " in
         *" $encoder "*) ;;
         *) echo "no device for $encoder" >&2; exit 1 ;;
       esac
       [ "$encoder" = libx264 ] || { hardware=yes; args+=(-preset ultrafast -tune zerolatency); } ;;
    *) args+=("$1") ;;
  esac
  shift
done
fault=
[ "$input" = pipe:0 ] && [ -e "${folder}/$encoder" ] && fault=$(<"${folder}/$encoder")
case "$fault" in
  die) echo "the driver has crashed" >&2; exit 1 ;;
  hang) ffmpeg "\${args[@]}" | head -c 30000; exec sleep 1000 ;;
  lag) ffmpeg "\${args[@]}" | exec '${process.execPath}' -e '${delayLine}' ;;
  *) exec ffmpeg "\${args[@]}" ;;
esac`;
}
