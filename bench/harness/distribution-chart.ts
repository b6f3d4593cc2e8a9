/**
 * Distributions as rows of one SVG picture with a logarithmic axis: a line from p1 to p99, a box from p25 to
 * p75, a bar at p50, a dot at the maximum, and p50 and p99 as numbers. It suits light and dark pages.
 */

import { QUANTILES } from './statistics.js';

/** One row: the values at QUANTILES, in nanoseconds. */
export interface Distribution {
  readonly label: string;
  readonly kind: 'ours' | 'floor' | 'rival';
  readonly quantiles: readonly number[];
}

interface Panel {
  readonly title: string;
  readonly rows: readonly Distribution[];
}

const LABELS = 220; // room for the names
const PLOT = 560;
const NUMBERS = 150; // room for p50 and p99
const ROW = 24;
const PANEL_TITLE = 38;
const TOP = 62;
const WIDTH = LABELS + PLOT + NUMBERS;

/** The picture as a complete SVG document. */
export function distributionChart(title: string, caption: string, panels: readonly Panel[]): string {
  const values = panels.flatMap(({ rows }) => rows.flatMap((row) => [at(row, 0.01), at(row, 1)]));
  const axis = new LogAxis(Math.min(...values), Math.max(...values));
  const parts: string[] = [];
  let y = TOP;
  for (const panel of panels) {
    y += PANEL_TITLE;
    parts.push(text(12, y - 12, 'panel', panel.title));
    parts.push(text(LABELS + PLOT + 70, y - 12, 'head', 'p50', 'end'));
    parts.push(text(LABELS + PLOT + 138, y - 12, 'head', 'p99', 'end'));
    parts.push(grid(axis, y - 4, panel.rows.length * ROW + 8));
    for (const row of panel.rows) {
      parts.push(drawRow(axis, row, y + ROW / 2));
      y += ROW;
    }
    parts.push(axisLabels(axis, y + 18));
    y += 24;
  }
  const height = y + 34;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}"`,
    ` width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    STYLE,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    text(12, 28, 'title', title),
    text(12, 48, 'note', caption),
    ...parts,
    text(12, height - 12, 'note', 'line p1 to p99, box p25 to p75, bar p50, dot maximum; logarithmic axis'),
    '</svg>\n',
  ].join('\n');
}

const STYLE = `<style>
  .page { fill: #ffffff } text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 17px; font-weight: 600 } .panel { font-size: 13px; font-weight: 600 }
  .note, .tick, .head { fill: #59636e; font-size: 11px } .number { font-variant-numeric: tabular-nums }
  .grid { stroke: #d1d9e0; stroke-width: 1 } .minor { stroke: #eef1f4; stroke-width: 1 }
  .ours { fill: #0969da; stroke: #0969da } .floor { fill: #1a7f37; stroke: #1a7f37 }
  .rival { fill: #818b98; stroke: #818b98 }
  .box { fill-opacity: .35; stroke-width: 1 } .line { stroke-width: 1.5 } .bar { stroke-width: 3 }
  text.ours { fill: #0969da; stroke: none; font-weight: 600 } text.floor { fill: #1a7f37; stroke: none }
  text.rival { fill: #24292f; stroke: none }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text, text.rival { fill: #e6edf3 } .note, .tick, .head { fill: #9198a1 }
    .grid { stroke: #3d444d } .minor { stroke: #1f252d } .ours { fill: #4493f8; stroke: #4493f8 }
    .floor { fill: #3fb950; stroke: #3fb950 } text.ours { fill: #4493f8 } text.floor { fill: #3fb950 }
  }
</style>`;

class LogAxis {
  readonly #low: number;
  readonly #high: number;

  constructor(min: number, max: number) {
    this.#low = Math.log10(Math.max(1, min) * 0.8);
    this.#high = Math.log10(Math.max(2, max) * 1.25);
  }

  x(value: number): number {
    const share = (Math.log10(Math.max(1, value)) - this.#low) / (this.#high - this.#low);
    return Math.round((LABELS + share * PLOT) * 10) / 10;
  }

  /** 1, 2, 5, 10, ... within the axis; powers of ten are major. */
  ticks(): { value: number; major: boolean }[] {
    const ticks = [];
    for (let power = Math.floor(this.#low); power <= Math.ceil(this.#high); power++) {
      for (const step of [1, 2, 5]) {
        const value = step * 10 ** power;
        const log = Math.log10(value);
        if (log >= this.#low && log <= this.#high) ticks.push({ value, major: step === 1 });
      }
    }
    return ticks;
  }
}

function drawRow(axis: LogAxis, row: Distribution, y: number): string {
  const x = (p: number): number => axis.x(at(row, p));
  const from = x(0.25);
  const width = Math.max(1, x(0.75) - from).toFixed(1);
  const kind = row.kind;
  return [
    text(LABELS - 12, y + 4, kind, row.label, 'end'),
    `<line class="${kind} line" x1="${x(0.01)}" x2="${x(0.99)}" y1="${y}" y2="${y}"/>`,
    `<rect class="${kind} box" x="${from}" y="${y - 7}" width="${width}" height="14"/>`,
    `<line class="${kind} bar" x1="${x(0.5)}" x2="${x(0.5)}" y1="${y - 8}" y2="${y + 8}"/>`,
    `<circle class="${kind}" cx="${x(1)}" cy="${y}" r="2.2"/>`,
    text(LABELS + PLOT + 70, y + 4, 'number', time(at(row, 0.5)), 'end'),
    text(LABELS + PLOT + 138, y + 4, 'number', time(at(row, 0.99)), 'end'),
  ].join('\n');
}

function grid(axis: LogAxis, y: number, height: number): string {
  return axis
    .ticks()
    .map(({ value, major }) => {
      const x = axis.x(value);
      return `<line class="${major ? 'grid' : 'minor'}" x1="${x}" x2="${x}" y1="${y}" y2="${y + height}"/>`;
    })
    .join('\n');
}

function axisLabels(axis: LogAxis, y: number): string {
  const ticks = axis.ticks();
  const shown = ticks.length > 12 ? ticks.filter(({ major }) => major) : ticks;
  return shown.map(({ value }) => text(axis.x(value), y, 'tick', time(value), 'middle')).join('\n');
}

function at(row: Distribution, p: number): number {
  const value = row.quantiles[QUANTILES.indexOf(p as (typeof QUANTILES)[number])];
  if (value === undefined) throw new RangeError(`${row.label} has no quantile ${p}`);
  return value;
}

function time(ns: number): string {
  const [value, unit] =
    ns >= 1e9 ? [ns / 1e9, 's'] : ns >= 1e6 ? [ns / 1e6, 'ms'] : ns >= 1e3 ? [ns / 1e3, 'µs'] : [ns, 'ns'];
  return `${Number(value.toPrecision(3))} ${unit}`;
}

function text(x: number, y: number, name: string, content: string, anchor = 'start'): string {
  return `<text class="${name}" x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
