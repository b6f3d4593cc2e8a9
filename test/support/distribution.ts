/** Percentiles of numbers, for a line of the test's output: `n 120  p50 12.3  p99 30.1  max 33.0`. */
export function distribution(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(1);
  return `n ${sorted.length}  p50 ${at(0.5)}  p99 ${at(0.99)}  max ${at(1)}`;
}
