/**
 * npm run bench [-- QUESTION ...] [--rounds N] [--frames N] [--rate N] [--readers N,N] [--only NAME]
 * [--small] [--out FOLDER]: asks the questions, prints their tables and writes tables, pictures and JSON.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { distributionChart } from './harness/distribution-chart.js';
import { describeMachine, load, machineLine } from './harness/machine.js';
import { BENCH } from './harness/paths.js';
import type { Answer, Question, Settings } from './harness/question.js';
import { QUANTILES } from './harness/statistics.js';
import { questions } from './questions.js';

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const request = parse(argv);
  if (typeof request === 'string') {
    console.error(request);
    return 2;
  }
  await mkdir(request.out, { recursive: true });
  for (const question of request.questions) await ask(question, request.settings, request.out);
  return 0;
}

async function ask(question: Question, settings: Settings, out: string): Promise<void> {
  const machine = describeMachine();
  const answer = await question.run(settings);
  const loadAfter = load();
  const line = machineLine(machine, loadAfter);
  const markdown = `## ${question.title}\n\n${line}\n\n${answer.report}\n${skippedList(answer)}`;
  console.log(`\n${markdown}`);
  const { rounds, frames, rate, readers, small } = settings;
  const json = {
    question: question.name,
    machine: { ...machine, loadAfter },
    settings: { rounds, frames, rate, readers, small },
    quantiles: QUANTILES,
    skipped: answer.skipped,
    data: answer.data,
  };
  await writeFile(join(out, `${question.name}.json`), `${JSON.stringify(json, null, 1)}\n`);
  await writeFile(join(out, `${question.name}.md`), markdown);
  for (const [name, { title, panels }] of Object.entries(answer.charts)) {
    await writeFile(join(out, `${name}.svg`), distributionChart(title, line, panels));
  }
  for (const [name, picture] of Object.entries(answer.pictures ?? {})) {
    await writeFile(join(out, `${name}.svg`), picture(line));
  }
}

function skippedList({ skipped }: Answer): string {
  const entries = Object.entries(skipped);
  if (entries.length === 0) return '';
  const lines = entries.map(([name, why]) => `- ${name}: ${why.split('\n', 1)[0]}`);
  return `\nNot taking part, or not in every round:\n\n${lines.join('\n')}\n`;
}

interface Request {
  readonly questions: readonly Question[];
  readonly settings: Settings;
  readonly out: string;
}

function parse(argv: readonly string[]): Request | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '5' },
        frames: { type: 'string', default: '300' },
        rate: { type: 'string', default: '60' },
        readers: { type: 'string', default: '1,10' },
        only: { type: 'string' },
        small: { type: 'boolean', default: false },
        out: { type: 'string', default: `${BENCH}results` },
      },
    });
    return {
      questions: positionals.length === 0 ? questions : positionals.map(findQuestion),
      settings: {
        rounds: positive('rounds', values.rounds),
        frames: positive('frames', values.frames),
        rate: positive('rate', values.rate),
        readers: values.readers.split(',').map((count) => positive('readers', count)),
        small: values.small,
        ...(values.only === undefined ? {} : { only: values.only }),
        log: (line) => console.error(line),
      },
      out: values.out,
    };
  } catch (error) {
    return (error as Error).message;
  }
}

function findQuestion(name: string): Question {
  const found = questions.find((question) => question.name === name);
  if (found) return found;
  throw new Error(
    `There is no question "${name}". There are: ${questions.map((each) => each.name).join(', ')}.`,
  );
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0 && value <= 1_000_000) return value;
  throw new Error(`--${option} takes whole numbers from 1 to 1000000, not "${text}".`);
}
