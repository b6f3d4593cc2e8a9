// The one line that every runner of tests ends with, so that runners can be summed:
//
//     N passed, N failed, N skipped

export const noTotals = { passed: 0, failed: 0, skipped: 0 };

export function addTotals(one, other) {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

export function formatTotals({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Prints the line and sets the exit code: 1 if anything failed, or if nothing ran at all. */
export function printTotals(totals) {
  console.log(formatTotals(totals));
  process.exitCode = totals.failed === 0 && totals.passed + totals.skipped > 0 ? 0 : 1;
}

/** The totals in the last line of an output that has them, or undefined. */
export function parseTotals(output) {
  const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/gm)];
  const last = lines.at(-1);
  if (!last) return undefined;
  return { passed: Number(last[1]), failed: Number(last[2]), skipped: Number(last[3] ?? 0) };
}
