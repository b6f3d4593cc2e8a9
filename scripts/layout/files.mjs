const NO_NAMES = ['util', 'utils', 'helper', 'helpers', 'misc', 'common', 'manager'];
const CODE = /\.(ts|mts|mjs|cc|h|c|py)$/;
const MAX_LINES = 300;
const MAX_COLUMNS = 110;

/** Names that say nothing, files that hold more than one concept, lines that do not fit. */
export function* checkFiles(files) {
  for (const { path, lines } of files) {
    const bad = path.split(/[/._-]/).find((word) => NO_NAMES.includes(word.toLowerCase()));
    if (bad) yield { path, line: 1, message: `"${bad}" says nothing: name the concept` };
    if (!CODE.test(path)) continue;
    if (lines.length - 1 > MAX_LINES) {
      const message = `${lines.length - 1} lines: is this one concept? (${MAX_LINES})`;
      yield { path, line: 1, warning: true, message };
    }
    for (const [index, text] of lines.entries()) {
      const columns = [...text].length;
      if (columns > MAX_COLUMNS) {
        yield { path, line: index + 1, message: `${columns} columns (at most ${MAX_COLUMNS})` };
      }
    }
  }
}
