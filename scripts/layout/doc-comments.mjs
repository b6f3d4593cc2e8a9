const EXPORT =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|interface|type|const|let|enum) (\w+)/;

/** Every name that a package's file exports has a doc comment: its contract, units, ownership, errors. */
export function* checkDocComments(files) {
  for (const { path, lines } of files) {
    if (!/^packages\/[^/]+\/src\/.*\.ts$/.test(path)) continue;
    let previousName;
    for (const [index, text] of lines.entries()) {
      const name = EXPORT.exec(text)?.[1];
      if (!name) continue;
      // The first of several overloads carries the comment for all.
      if (name !== previousName && !lines[index - 1]?.trimEnd().endsWith('*/')) {
        yield { path, line: index + 1, message: `${name} is exported and has no doc comment` };
      }
      previousName = name;
    }
  }
}
