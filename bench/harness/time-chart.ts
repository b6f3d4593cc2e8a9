/**
 * Values over time as lines of one SVG picture, panel above panel, with spans of time shaded. It suits light
 * and dark pages.
 */

/** One panel with its own axis of values, which begins at 0. */
export interface TimePanel {
  readonly title: string;
  readonly lines: readonly TimeLine[];
  /** Each value holds until the next: steps instead of slopes. */
  readonly stepped?: boolean;
}

/** One line: a value for each second of `seconds`. */
export interface TimeLine {
  readonly label: string;
  readonly values: readonly number[];
  /** 0 to 4: the same in every panel for what belongs together. */
  readonly colour: number;
}

/** What is shaded from when to when. */
export interface TimeSpan {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

const LEFT = 46;
const PLOT = 720;
const NAMES = 150;
const WIDTH = LEFT + PLOT + NAMES;
const PANEL = 150;
const GAP = 46;
const TOP = 66;

/** The picture as a complete SVG document. `seconds`: when each value was measured, ascending. */
export function timeChart(
  title: string,
  caption: string,
  seconds: readonly number[],
  panels: readonly TimePanel[],
  spans: readonly TimeSpan[],
): string {
  const end = seconds.at(-1) ?? 1;
  const x = (second: number) => LEFT + (second / end) * PLOT;
  const height = TOP + panels.length * (PANEL + GAP) + 12;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}"`,
    ` width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    STYLE,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    text(12, 26, 'title', title),
    text(12, 46, 'note', caption),
    ...panels.map((panel, index) =>
      drawPanel(panel, TOP + index * (PANEL + GAP), { x, end, seconds, spans }),
    ),
    '</svg>\n',
  ].join('\n');
}

const STYLE = `<style>
  .page { fill: #ffffff } text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 17px; font-weight: 600 } .panel { font-size: 13px; font-weight: 600 }
  .note, .tick { fill: #59636e; font-size: 11px } .grid { stroke: #d1d9e0; stroke-width: 1 }
  .span { fill: #bf8700; fill-opacity: .12 } polyline { fill: none; stroke-width: 2 }
  .l0 { stroke: #0969da } .l1 { stroke: #1a7f37 } .l2 { stroke: #cf222e } .l3 { stroke: #8250df }
  .l4 { stroke: #bf8700 } text.l0 { fill: #0969da } text.l1 { fill: #1a7f37 } text.l2 { fill: #cf222e }
  text.l3 { fill: #8250df } text.l4 { fill: #bf8700 } text[class^=l] { stroke: none }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #e6edf3 } .note, .tick { fill: #9198a1 } .grid { stroke: #3d444d }
  }
</style>`;

interface Scene {
  readonly x: (second: number) => number;
  readonly end: number;
  readonly seconds: readonly number[];
  readonly spans: readonly TimeSpan[];
}

function drawPanel({ title, lines, stepped }: TimePanel, top: number, scene: Scene): string {
  const { x, end, seconds, spans } = scene;
  const base = top + 16 + PANEL - 30;
  const most = Math.max(1, ...lines.flatMap(({ values }) => values)) * 1.05;
  const y = (value: number) => base - (value / most) * (PANEL - 30);
  const step = niceStep(most);
  const marks = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
  const every = niceStep(end * 2);
  const atSecond = (index: number) => x(seconds[index] ?? end);
  const times = Array.from({ length: Math.floor(end / every) + 1 }, (_, index) => index * every);
  return [
    text(12, top + 4, 'panel', title),
    ...spans.map(({ from, to }) => shade(x(from), top + 14, x(to) - x(from))),
    ...spans.map(({ label, from }) => text(x(from) + 4, top + 26, 'tick', label)),
    ...marks.map((mark) => level(y(mark))),
    ...marks.map((mark) => text(LEFT - 6, y(mark) + 4, 'tick', String(mark), 'end')),
    ...times.map((time) => text(x(time), base + 16, 'tick', `${time} s`, 'middle')),
    ...lines.flatMap(({ label, values, colour }, index) => [
      `<polyline class="l${colour}" points="${points(values, stepped === true, { x: atSecond, y })}"/>`,
      text(LEFT + PLOT + 12, top + 26 + index * 18, `l${colour}`, label),
    ]),
  ].join('\n');
}

function shade(x: number, y: number, width: number): string {
  const place = `x="${fixed(x)}" y="${y}" width="${fixed(width)}" height="${PANEL - 28}"`;
  return `<rect class="span" ${place}/>`;
}

function level(y: number): string {
  return `<line class="grid" x1="${LEFT}" x2="${LEFT + PLOT}" y1="${fixed(y)}" y2="${fixed(y)}"/>`;
}

function points(
  values: readonly number[],
  stepped: boolean,
  { x, y }: { readonly x: (index: number) => number; readonly y: (value: number) => number },
): string {
  return values
    .flatMap((value, index) => {
      const before = values[index - 1];
      const corner = stepped && before !== undefined ? [`${fixed(x(index))},${fixed(y(before))}`] : [];
      return [...corner, `${fixed(x(index))},${fixed(y(value))}`];
    })
    .join(' ');
}

/** 1, 2 or 5 times a power of ten, so that there are four to ten of them. */
function niceStep(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / 4));
  return Math.max(1, power * ([5, 2, 1].find((factor) => most / (power * factor) >= 4) ?? 1));
}

function text(x: number, y: number, name: string, content: string, anchor = 'start'): string {
  const place = `x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}"`;
  return `<text class="${name}" ${place}>${escaped(content)}</text>`;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
