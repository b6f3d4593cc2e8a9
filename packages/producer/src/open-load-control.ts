import type { CodecConfig } from './config/config.js';
import { latencySettings } from './config/latency-modes.js';
import { CaptureLoss } from './feed/capture-loss.js';
import { Quality } from './feed/quality.js';
import type { Cameras } from './open-cameras.js';
import type { RunningStream } from './open-streams.js';
import type { Parts } from './parts.js';

/** Begins to watch every stream's encoder for lateness. */
export function openLoadControl(
  { config, log, teardown }: Parts,
  cameras: Cameras,
  streams: readonly RunningStream[],
): Quality {
  const losses = new Map(
    [...cameras.values()].map(({ name, capture }) => [name, new CaptureLoss(() => capture.status())]),
  );
  const controlled = streams.flatMap(({ encoder, config: { camera, codec } }) => {
    const capture = losses.get(camera);
    return capture === undefined ? [] : [{ encoder, capture, delayFrames: framesKeptBack(codec) }];
  });
  const quality = new Quality(controlled, config.server.load, log);
  quality.start();
  teardown.add('load control', () => quality.stop());
  return quality;
}

function framesKeptBack(codec: CodecConfig): number {
  return codec.kind === 'h264' ? latencySettings[codec.latency].framesKeptBack : 0;
}
