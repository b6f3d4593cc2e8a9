import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CamstreamError } from '../errors.js';
import type { CameraAddon } from './addon-types.js';
import type { RingAddon } from './ring-types.js';

/** The addon every consumer needs: rings, nothing but libc. Throws ADDON_LOAD with what to do. */
export function loadRingAddon(): RingAddon {
  return load('ring') as RingAddon;
}

/** The addon only a producer needs: cameras, conversion. Throws ADDON_LOAD with what to do. */
export function loadCameraAddon(): CameraAddon {
  return load('camera') as CameraAddon;
}

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const platform = `${process.platform}-${process.arch}`;
const loaded = new Map<string, unknown>();

/**
 * A checkout's own build comes first, so that a developer never runs a stale copy; then the copy
 * inside this package; then the platform package that a registry installs beside it.
 */
function candidates(name: string): string[] {
  const files = [
    join(here, '..', '..', '..', '..', 'native', 'build', 'Release', `${name}.node`),
    join(here, '..', '..', 'prebuilds', platform, `${name}.node`),
  ].filter((file) => existsSync(file));
  try {
    files.push(require.resolve(`@camstream/native-${platform}/${name}.node`));
  } catch {
    // Not installed: one way among three.
  }
  return files;
}

function load(name: string): unknown {
  const known = loaded.get(name);
  if (known) return known;
  const failures: string[] = [];
  for (const file of candidates(name)) {
    try {
      const addon: unknown = require(file);
      loaded.set(name, addon);
      return addon;
    } catch (error) {
      failures.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new CamstreamError('ADDON_LOAD', helpText(name, failures));
}

function helpText(name: string, failures: readonly string[]): string {
  const lines = [
    `camstream's native part "${name}" cannot be loaded on ${platform} (Node ${process.versions.node}).`,
  ];
  if (process.platform !== 'linux')
    lines.push('camstream runs on Linux only: it lives on /dev/shm and futexes.');
  if (failures.length === 0) {
    lines.push(
      'No build was found. In a checkout run `npm run build:native`; in a project of your own install',
      `@camstream/core again without --no-optional, so that @camstream/native-${platform} comes with it.`,
    );
  } else {
    lines.push('Found, but not loaded:', ...failures.map((failure) => `  ${failure}`));
    if (failures.some((failure) => /lib(yuv|turbojpeg)/.test(failure))) {
      lines.push('A library is missing: `apt-get install libyuv0 libturbojpeg0`.');
    } else {
      lines.push(
        'In a checkout run `npm run build:native`; otherwise install @camstream/core again on this machine.',
      );
    }
  }
  return lines.join('\n');
}
