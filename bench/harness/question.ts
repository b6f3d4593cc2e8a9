/** What a question of the bench is: a file of its own beside run.ts. */

import type { Distribution } from './distribution-chart.js';

/** How much to measure. */
export interface Settings {
  /** Rounds in which everybody takes a turn; figures are medians over them. */
  readonly rounds: number;
  /** Frames of one trial. */
  readonly frames: number;
  /** Frames a second. */
  readonly rate: number;
  /** Reader counts, where the question has readers. */
  readonly readers: readonly number[];
  /** Leaves out the camera VM and whatever would have to be fetched or built slowly. */
  readonly small: boolean;
  /** Contestants whose name contains this; undefined: all. The floor always takes part. */
  readonly only?: string;
  readonly log: (line: string) => void;
}

/** A picture of distributions: panels above one another, the same axis. */
export interface Chart {
  readonly title: string;
  readonly panels: readonly { readonly title: string; readonly rows: readonly Distribution[] }[];
}

/** What a question found. */
export interface Answer {
  /** Markdown: tables, with a line on how to read them where that is not plain. */
  readonly report: string;
  readonly charts: Readonly<Record<string, Chart>>;
  /** Other pictures: whole SVG documents, given the line that says where and when it was measured. */
  readonly pictures?: Readonly<Record<string, (caption: string) => string>>;
  /** Everything, for machines. Times in nanoseconds. */
  readonly data: unknown;
  /** Why something did not take part. */
  readonly skipped: Readonly<Record<string, string>>;
}

/** One question. */
export interface Question {
  readonly name: string;
  readonly title: string;
  run(settings: Settings): Promise<Answer>;
}
