import type { Camera, NativeCameraMode, NativeNeeds } from '@camstream/core';

/** A camera with what speaks for it. */
export interface RankedCamera {
  readonly camera: Camera;
  /** For people: "a real camera that reaches 1920x1080 at 30/s raw". */
  readonly why: string;
}

/**
 * The cameras for `source: auto`, the best first: a real one before a virtual one, then one that reaches what
 * is needed, then one that does so with raw pictures, then the lowest number. Those that give nothing that
 * rings and streams can be made from are left out.
 */
export function rankCameras(cameras: readonly Camera[], needs: NativeNeeds): readonly RankedCamera[] {
  const wanted = { width: needs.width || 1920, height: needs.height || 1080, rate: needs.rate || 30 };
  return cameras
    .filter(({ modes, problem }) => problem !== undefined || modes.some((mode) => mode.usable))
    .map((camera) => ({ camera, ...meritOf(camera, wanted) }))
    .sort((a, b) => b.merit - a.merit) // stable: equals stay in the order of their numbers
    .map(({ camera, why }) => ({ camera, why }));
}

function meritOf(camera: Camera, wanted: NativeNeeds): { merit: number; why: string } {
  if (camera.problem) return { merit: -1, why: 'nothing else is there' };
  const real = !isVirtual(camera);
  const reaching = camera.modes.filter((mode) => mode.usable && reaches(mode, wanted));
  const raw = reaching.some((mode) => mode.raw);
  const reach = `${wanted.width}x${wanted.height} at ${wanted.rate}/s`;
  const how =
    reaching.length === 0 ? `does not reach ${reach}` : `reaches ${reach} ${raw ? 'raw' : 'compressed'}`;
  return {
    merit: (real ? 4 : 0) + (reaching.length > 0 ? 2 : 0) + (raw ? 1 : 0),
    why: `a ${real ? 'real' : 'virtual'} camera that ${how}`,
  };
}

/** Drivers without a device: what they show comes from a program. */
function isVirtual({ driver, bus, id }: Camera): boolean {
  return (
    /^(vivid|vimc|v4l2 loopback|akvcam)/.test(driver) ||
    id.startsWith('virtual-') ||
    bus.startsWith('platform:v4l2loopback')
  );
}

function reaches(mode: NativeCameraMode, { width, height, rate }: NativeNeeds): boolean {
  // A driver that does not say its rate gives 30/s most often.
  return mode.width >= width && mode.height >= height && (mode.rate || 30) >= rate * 0.99;
}
