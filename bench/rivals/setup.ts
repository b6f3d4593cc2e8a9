/**
 * Compiles and installs what the rivals need, into bench/build; what is there already costs no time. A rival
 * that this machine cannot have is skipped, with the reason in the result.
 */

import { execFile } from 'node:child_process';
import { access, mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { BENCH, BUILD, PROJECT, rival } from '../harness/paths.js';

const run = promisify(execFile);

/** Why a rival does not take part: a sentence with what to install. */
export class Unavailable extends Error {}

/** Compiles a C rival with its pkg-config packages; the path of the program. */
export async function compileC(source: string, packages: readonly string[] = []): Promise<string> {
  const from = rival(`c/${source}`);
  const to = `${BUILD}${basename(source, '.c')}`;
  if (await isNewer(to, [from, rival('c/participant.h')])) return to;
  await mkdir(BUILD, { recursive: true });
  const flags = packages.length > 0 ? await packageFlags(packages) : [];
  const arguments_ = ['-O2', '-std=gnu11', '-Wall', '-Wextra', '-o', to, from, ...flags];
  await attempt('cc', arguments_, 'Install build-essential.');
  return to;
}

/** Compiles a program of bench/ours with these parts of native/src/pixels; the path of the program. */
export async function compileOurs(source: string, parts: readonly string[]): Promise<string> {
  const sources = [
    `${BENCH}ours/${source}`,
    ...parts.map((name) => `${PROJECT}native/src/pixels/${name}.cc`),
  ];
  const to = `${BUILD}${basename(source, '.cc')}`;
  if (await isNewer(to, sources)) return to;
  await mkdir(BUILD, { recursive: true });
  const flags = ['-std=c++20', '-O2', `-I${PROJECT}native/src`, '-D_GNU_SOURCE'];
  await attempt(
    'c++',
    [...flags, '-o', to, ...sources, '-lyuv', '-lturbojpeg'],
    'Install build-essential, libyuv-dev and libturbojpeg0-dev.',
  );
  return to;
}

/** Builds the Rust rival; the path of the program. */
export async function buildRust(crate: string): Promise<string> {
  const folder = rival(crate);
  const target = `${BUILD}${crate}`;
  const program = `${target}/release/${crate}-rival`;
  const sources = [`${folder}/src/main.rs`, `${folder}/Cargo.toml`, `${folder}/Cargo.lock`];
  if (await isNewer(program, sources)) return program;
  const manifest = ['--manifest-path', `${folder}/Cargo.toml`, '--target-dir', target];
  await attempt(
    'cargo',
    ['build', '--release', '--locked', ...manifest],
    'Install Rust 1.85 or newer with cargo.',
  );
  return program;
}

/** Installs an npm package of exactly this version, with its install script, in a folder of its own. */
export async function installNpm(name: string, version: string): Promise<void> {
  const folder = `${BUILD}${name}`;
  if (await exists(`${folder}/installed-${version}`)) return;
  await mkdir(folder, { recursive: true });
  await writeFile(
    `${folder}/package.json`,
    JSON.stringify({ private: true, dependencies: { [name]: version } }),
  );
  await attempt(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefix', folder],
    'It needs npm and a compiler.',
  );
  // npm 11 and later leave install scripts out unless told; the package is of no use without its addon.
  await attempt(
    'npm',
    ['rebuild', '--foreground-scripts', '--prefix', folder],
    'It needs npm and a compiler.',
  );
  await writeFile(`${folder}/installed-${version}`, '');
}

/** A Python that has NumPy. */
export async function findPython(): Promise<string> {
  for (const python of ['python3', '/usr/bin/python3']) {
    const found = await run(python, ['-c', 'import numpy']).then(
      () => true,
      () => false,
    );
    if (found) return python;
  }
  throw new Unavailable('no python3 with NumPy. Install python3-numpy.');
}

/** A GStreamer element that must be there. */
export async function needGstElement(element: string, debianPackage: string): Promise<void> {
  await attempt('gst-inspect-1.0', ['--exists', element], `Install gstreamer1.0-tools and ${debianPackage}.`);
}

async function packageFlags(packages: readonly string[]): Promise<string[]> {
  const advice = 'Install pkg-config, libgstreamer1.0-dev and libgstreamer-plugins-base1.0-dev.';
  const flags = await attempt('pkg-config', ['--cflags', '--libs', ...packages], advice);
  return flags.trim().split(/\s+/);
}

async function attempt(file: string, args: readonly string[], advice: string): Promise<string> {
  try {
    const { stdout } = await run(file, [...args], { maxBuffer: 2 ** 26, timeout: 900_000 });
    return stdout;
  } catch (error) {
    const { stderr = '', code } = error as { stderr?: string; code?: unknown };
    const last = stderr.trim().split('\n').slice(-3).join(' ');
    throw new Unavailable(`${file} failed (${code}). ${last} ${advice}`);
  }
}

async function isNewer(target: string, sources: readonly string[]): Promise<boolean> {
  if (!(await exists(target))) return false;
  const built = (await stat(target)).mtimeMs;
  const changed = await Promise.all(sources.map(async (source) => (await stat(source)).mtimeMs));
  return changed.every((mtime) => mtime <= built);
}

async function exists(path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  return access(path).then(
    () => true,
    () => false,
  );
}
