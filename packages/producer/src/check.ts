import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasErrorCode, loadRingAddon, type NativeMemoryBudget, nativeCall } from '@camstream/core';
import type { Config } from './config/config.js';
import { type Plan, planOf, ringsOf } from './config/plan.js';
import { megabytes, planText } from './config/plan-text.js';

/** Prints what a valid configuration comes to. Returns 1 if this machine has not the memory for it. */
export function check(config: Config, ringRoot: string): number {
  const plan = planOf(config);
  const budgets = budgetsFor(plan, ringRoot);
  const short = budgets.filter(({ available }) => available < plan.neededBytes);
  const lines = [
    planText(plan),
    ...budgets.map(({ available, where }) => `        ${megabytes(available)} for it in ${where}`),
    ...short.map(
      ({ available, where, remedy }) =>
        `RING_NO_SPACE: wanted ${megabytes(plan.neededBytes)}, found ${megabytes(available)} in ${where}. ` +
        `${remedy}, promise fewer leases (rings.NAME.slots) or leave rings out.`,
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return short.length === 0 ? 0 : 1;
}

/** What these rings may take: what is left, and what rings of these names have now, which they replace. */
function budgetsFor(plan: Plan, ringRoot: string): NativeMemoryBudget[] {
  const budgets = nativeCall(() => loadRingAddon().memoryBudgets(nearestFolder(ringRoot)));
  const own = ringsOf(plan).reduce((sum, { name }) => sum + bytesOf(join(ringRoot, name, 'ring')), 0);
  return budgets.map((budget) =>
    budget.kind === 'fileSystem' ? { ...budget, available: budget.available + own } : budget,
  );
}

/** Memory that a file takes; a ring in a folder that is closed to us is another user's, and not replaced. */
function bytesOf(path: string): number {
  try {
    return (statSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
  } catch (error) {
    if (hasErrorCode(error, 'EACCES')) return 0;
    throw error;
  }
}

/** Where `folder` is or will be. */
function nearestFolder(folder: string): string {
  return existsSync(folder) || folder === dirname(folder) ? folder : nearestFolder(dirname(folder));
}
