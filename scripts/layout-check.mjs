// layout-check.mjs [FOLDER]: the repository's own rules (docs/architecture.md "Who may import whom",
// CONTRIBUTING.md). Prints `path:line: what is wrong` and ends with 1 if anything is; warnings do not count.
import { relative } from 'node:path';
import { checkDocComments } from './layout/doc-comments.mjs';
import { checkFiles } from './layout/files.mjs';
import { checkLinks } from './layout/links.mjs';
import { checkNativeIncludes } from './layout/native-includes.mjs';
import { checkPackageImports } from './layout/package-imports.mjs';
import { readTree } from './layout/read-tree.mjs';
import { checkVersions } from './layout/versions.mjs';

const root = process.argv[2] ?? new URL('..', import.meta.url).pathname;
const files = readTree(root);
const rules = [
  checkNativeIncludes,
  checkPackageImports,
  checkFiles,
  checkDocComments,
  checkLinks,
  checkVersions,
];
const findings = rules.flatMap((rule) => [...rule(files)]);
for (const { path, line, message, warning } of findings) {
  console.log(`${relative('.', `${root}/${path}`)}:${line}: ${warning ? 'warning: ' : ''}${message}`);
}
const errors = findings.filter(({ warning }) => !warning).length;
console.log(`layout: ${files.length} files, ${errors} errors, ${findings.length - errors} warnings`);
process.exitCode = errors ? 1 : 0;
