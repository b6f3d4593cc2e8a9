import { CamstreamError } from '@camstream/core';

/** One thing wrong with a configuration: where it stands and what was wanted and found. */
export interface ConfigProblem {
  /** Keys from the root; empty for the file as a whole. */
  readonly path: readonly string[];
  /** 1-based; undefined where the value did not come from a file. */
  readonly line: number | undefined;
  readonly message: string;
}

/** CONFIG_INVALID with everything that is wrong, not just the first. */
export class ConfigError extends CamstreamError {
  readonly problems: readonly ConfigProblem[];

  constructor(fileName: string | undefined, problems: readonly ConfigProblem[]) {
    super('CONFIG_INVALID', problems.map((problem) => problemText(fileName, problem)).join('\n'));
    this.problems = problems;
  }
}

/** `camstream.yaml:12: streams.low.width: wanted a whole number 16..8192 pixels, found -3` */
export function problemText(fileName: string | undefined, problem: ConfigProblem): string {
  const place = fileName !== undefined && problem.line !== undefined ? [`${fileName}:${problem.line}`] : [];
  const path = problem.path.length > 0 ? [problem.path.join('.')] : [];
  return [...place, ...path, problem.message].join(': ');
}

/** What is wrong where in a configuration, before its line is known. */
export interface Finding {
  readonly path: readonly string[];
  readonly message: string;
}
