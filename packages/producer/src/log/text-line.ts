const names = new Map<unknown, string>([
  [20, 'debug'],
  [30, 'info'],
  [40, 'warn'],
  [50, 'error'],
]);

/** One of pino's JSON lines as people read it: `10:22:01.123Z info  viewer left  sent=812 dropped=40`. */
export function textLine(json: string): string {
  const { level, time, msg, ...details } = JSON.parse(json) as Record<string, unknown>;
  const clock = new Date(Number(time)).toISOString().slice(11, 23);
  const facts = Object.entries(details).map(([key, value]) => ` ${key}=${factText(value)}`);
  const tail = facts.length > 0 ? ` ${facts.join('')}` : '';
  return `${clock}Z ${(names.get(level) ?? String(level)).padEnd(5)} ${String(msg ?? '')}${tail}\n`;
}

function factText(value: unknown): string {
  if (typeof value === 'string') return /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
}
