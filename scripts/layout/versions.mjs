const EXACT = /^(workspace:\*|(npm:(@[\w-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?)$/;
const FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies'];

/** Dependencies are pinned to one version: what was tested is what is installed. */
export function* checkVersions(files) {
  for (const { path, lines } of files) {
    if (!/(^|\/)package\.json$/.test(path)) continue;
    const manifest = JSON.parse(lines.join('\n'));
    for (const [name, version] of FIELDS.flatMap((field) => Object.entries(manifest[field] ?? {}))) {
      if (EXACT.test(version)) continue;
      const line = lines.findIndex((text) => text.includes(`"${name}"`)) + 1;
      yield { path, line, message: `${name}: wanted an exact version, found "${version}"` };
    }
  }
}
