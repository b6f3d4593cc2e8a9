/** Markdown tables that line up in a terminal as well. */

/** A column: its heading, and whether its cells are numbers (aligned to the right). */
export interface Column {
  readonly title: string;
  readonly numeric?: boolean;
}

/** Rows of text as a Markdown table. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, index) =>
    Math.max(3, title.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]): string => {
    const padded = columns.map(({ numeric }, at) => pad(cells[at] ?? '', widths[at] as number, numeric));
    return `| ${padded.join(' | ')} |`;
  };
  const rule = columns.map(({ numeric }, index) => {
    const dashes = '-'.repeat(widths[index] as number);
    return numeric ? `${dashes.slice(1)}:` : dashes;
  });
  return [line(columns.map(({ title }) => title)), line(rule), ...rows.map(line)].join('\n');
}

function pad(text: string, width: number, right = false): string {
  return right ? text.padStart(width) : text.padEnd(width);
}

/** Nanoseconds as microseconds, with as many digits as mean something. */
export function micros(ns: number): string {
  const us = ns / 1000;
  return us >= 100 ? us.toFixed(0) : us >= 10 ? us.toFixed(1) : us.toFixed(2);
}

/** A ratio: `1.7x`. */
export function times(ratio: number): string {
  return `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(1)}x`;
}

/** A share as percent. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value >= 10 || value === 0 ? value.toFixed(0) : value.toFixed(1)} %`;
}

/** A column of numbers. */
export function numeric(title: string): Column {
  return { title, numeric: true };
}
