import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What a long run has come to, as a page of docs/results. */
export interface LongTable {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly title: string;
  /** What was done, and what the columns mean: lines of the page. */
  readonly about: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Writes the page; it is committed. */
export function writeLongTable({ name, title, about, columns, rows }: LongTable): void {
  const folder = fileURLToPath(new URL('../../../docs/results', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const lines = [
    `# ${title}`,
    '',
    `Made on ${new Date().toISOString().slice(0, 10)} by \`npm run test:long\`, Node ${process.version}.`,
    ...about,
    '',
    line(columns),
    `|${'---|'.repeat(columns.length)}`,
    ...rows.map(line),
  ];
  writeFileSync(`${folder}/${name}.md`, `${lines.join('\n')}\n`);
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}
