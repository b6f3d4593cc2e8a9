import { dirname, join, normalize } from 'node:path';

const LINK = /\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g;

/** Every relative link of every Markdown page leads to a file or folder here, and to a heading in it. */
export function* checkLinks(files) {
  const pages = new Map(files.map(({ path, lines }) => [path, lines]));
  const folders = new Set([...pages.keys()].flatMap(foldersOf));
  for (const { path, lines } of files) {
    if (!path.endsWith('.md')) continue;
    for (const { text, line } of outsideOfCode(lines)) {
      for (const [, target] of text.matchAll(LINK)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [file, anchor] = target.split('#');
        const to = file ? normalize(join(dirname(path), file)).replace(/\/$/, '') : path;
        if (!pages.has(to) && !folders.has(to)) yield { path, line, message: `${target} leads nowhere` };
        else if (anchor && to.endsWith('.md') && !headings(pages.get(to)).has(anchor)) {
          yield { path, line, message: `${to} has no heading #${anchor}` };
        }
      }
    }
  }
}

function foldersOf(path) {
  const folder = dirname(path);
  return folder === '.' ? ['.'] : [folder, ...foldersOf(folder)];
}

function outsideOfCode(lines) {
  let fenced = false;
  return lines.flatMap((text, index) => {
    if (text.trimStart().startsWith('```')) {
      fenced = !fenced;
      return [];
    }
    return fenced ? [] : [{ text: text.replace(/`[^`]*`/g, ''), line: index + 1 }];
  });
}

/** Headings as their anchors: lower case, spaces as hyphens, no punctuation. */
function headings(lines) {
  const titles = lines
    .filter((text) => /^#{1,6} /.test(text))
    .map((text) => text.replace(/^#+ /, '').toLowerCase());
  return new Set(titles.map((title) => title.replace(/[^\p{L}\p{N}\- _]/gu, '').replaceAll(' ', '-')));
}
