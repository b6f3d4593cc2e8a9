import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

/** A program that takes ffmpeg's place for a machine that has other encoders than this one. */
export class StandInFfmpeg {
  private readonly folder = mkdtempSync(join(tmpdir(), 'camstream-test-ffmpeg-'));
  /** To be run instead of ffmpeg. */
  readonly program = join(this.folder, 'ffmpeg');
  private readonly broken = join(this.folder, 'broken');

  private constructor(t: Test) {
    t.teardown(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Not there before a script is written. */
  static absent(t: Test): StandInFfmpeg {
    return new StandInFfmpeg(t);
  }

  /** Has h264_vaapi, which libx264 stands in for, and no other encoder of hardware. */
  static withVaapi(t: Test): StandInFfmpeg {
    const standIn = new StandInFfmpeg(t);
    standIn.write(vaapiScript(standIn.broken));
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

  /** From now on its h264_vaapi fails at every stream, as one whose driver has crashed. */
  breakVaapi(): void {
    writeFileSync(this.broken, '');
  }

  get isBroken(): boolean {
    return existsSync(this.broken);
  }
}

function vaapiScript(broken: string): string {
  return `
args=() encoder= input=
while [ $# -gt 0 ]; do
  case "$1" in
    -init_hw_device|-filter_hw_device|-async_depth|-sei) shift ;;
    -vf) args+=(-vf "\${2%,hwupload}"); shift ;;
    -c:v) encoder=$2; shift ;;
    -i) input=$2; args+=(-i "$2"); shift ;;
    *) if [ -n "$encoder" ] && [ "$encoder" != used ]; then
         case "$encoder" in
           h264_vaapi) args+=(-c:v libx264 -preset ultrafast -tune zerolatency -forced-idr 1) ;;
           libx264) args+=(-c:v libx264) ;;
           *) echo "no device for $encoder" >&2; exit 1 ;;
         esac
         [ "$encoder" = h264_vaapi ] && [ "$input" = pipe:0 ] && [ -e '${broken}' ] &&
           { echo "the driver has crashed" >&2; exit 1; }
         encoder=used
       fi
       args+=("$1") ;;
  esac
  shift
done
exec ffmpeg "\${args[@]}"`;
}
