/** A program that takes ffmpeg's place for a machine that has an encoder in hardware. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

/** What the command lines of its processes begin with. */
export const STAND_IN = 'stand-in-for-vaapi ';

/** Writes it into `folder` as `ffmpeg`; the folder to put first in PATH. It has h264_vaapi, nothing else. */
export function writeStandIn(folder: string): string {
  const real = execFileSync('sh', ['-c', 'command -v ffmpeg'], { encoding: 'utf8' }).trim();
  const path = `${folder}/stand-in`;
  mkdirSync(path);
  writeFileSync(`${path}/ffmpeg`, script(real), { mode: 0o755 });
  return path;
}

// libx264 in its place, with the options that only VA-API has left out. The process is the same, under a
// name by which it can be told apart.
function script(real: string): string {
  return `#!/bin/bash
args=() encoder=
while [ $# -gt 0 ]; do
  case "$1" in
    -init_hw_device|-filter_hw_device|-async_depth|-sei) shift ;;
    -vf) args+=(-vf "\${2%,hwupload}"); shift ;;
    -c:v) encoder=$2; args+=(-c:v libx264 -preset ultrafast -tune zerolatency -forced-idr 1); shift ;;
    *) args+=("$1") ;;
  esac
  shift
done
[ "$encoder" = h264_vaapi ] || { echo "no device for $encoder" >&2; exit 1; }
exec -a ${STAND_IN.trim()} ${real} "\${args[@]}"
`;
}
