import { readdir } from 'node:fs/promises';

/** The machine's video devices in the order of their numbers. */
export async function videoDevices(folder = '/dev'): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => {
      const number = /^video(\d+)$/.exec(name)?.[1];
      return number === undefined ? [] : [{ path: `${folder}/${name}`, number: Number(number) }];
    })
    .sort((a, b) => a.number - b.number)
    .map(({ path }) => path);
}
