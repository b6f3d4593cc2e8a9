import { CamstreamError } from '../errors.js';

const pattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Throws RING_NAME unless `name` can name a ring: it becomes the name of a folder. */
export function checkRingName(name: unknown): asserts name is string {
  if (typeof name === 'string' && pattern.test(name)) return;
  const found = typeof name === 'string' ? JSON.stringify(shortened(name)) : `a value of type ${typeof name}`;
  throw new CamstreamError(
    'RING_NAME',
    `A ring's name has 1 to 63 letters, digits, '.', '_' or '-' and starts with a letter or digit; ` +
      `found ${found}. ` +
      '`camstream-inspect` lists the rings of this machine.',
  );
}

function shortened(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}... (${name.length} characters)` : name;
}
