/** Numbers about distributions. */

/** What is told of a distribution. */
export interface Summary {
  readonly n: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * The value that the share `p` (0..1) of all values does not exceed: the nearest rank, never a value that was
 * not measured. `sorted` ascending and not empty.
 */
export function percentile(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) throw new RangeError('percentile of nothing');
  const rank = Math.ceil(p * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] as number;
}

/** Ascending copy. */
export function sorted(values: Iterable<number>): Float64Array {
  return Float64Array.from(values).sort();
}

/** Summary of values in any order. */
export function summarize(values: Iterable<number>): Summary {
  const ascending = sorted(values);
  return {
    n: ascending.length,
    p50: percentile(ascending, 0.5),
    p90: percentile(ascending, 0.9),
    p99: percentile(ascending, 0.99),
    max: percentile(ascending, 1),
  };
}

/** The middle value; of an even count the mean of the two in the middle. */
export function median(values: Iterable<number>): number {
  const ascending = sorted(values);
  if (ascending.length === 0) throw new RangeError('median of nothing');
  const middle = ascending.length >> 1;
  const upper = ascending[middle] as number;
  return ascending.length % 2 === 1 ? upper : ((ascending[middle - 1] as number) + upper) / 2;
}

/** One summary out of several rounds': the median of each figure; `n` is the sum. */
export function medianOfRounds(rounds: readonly Summary[]): Summary {
  const of = (key: keyof Summary): number => median(rounds.map((round) => round[key]));
  return {
    n: rounds.reduce((sum, round) => sum + round.n, 0),
    p50: of('p50'),
    p90: of('p90'),
    p99: of('p99'),
    max: of('max'),
  };
}

/** The quantiles that the pictures are drawn from. */
export const QUANTILES = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1] as const;

/** The values at QUANTILES. */
export function quantiles(values: Iterable<number>): number[] {
  const ascending = sorted(values);
  return QUANTILES.map((p) => percentile(ascending, p));
}
