import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULT_KINDS, wordsOf } from '../faults/plan.js';
import type { Outcome } from './outcome.js';
import { picture } from './picture.js';
import { clockText, moneyText } from './text.js';

const VIOLATIONS_SHOWN_MAX = 50;

/** Writes NAME.md and NAME.svg. @returns the path of the page. */
export function writeReport(dir: string, name: string, outcome: Outcome, command: string): string {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, `${name}.svg`), picture(outcome));
  const page = join(dir, `${name}.md`);
  writeFileSync(page, reportText(name, outcome, command));
  return page;
}

/** What was done, what came of it, as Markdown. */
export function reportText(name: string, outcome: Outcome, command: string): string {
  const { counted, faults, seed, minutes, answers, restMs, peakMib, notes, title } = outcome;
  const verdicts = Object.entries(counted.verdicts)
    .sort()
    .map(([verdict, n]) => `${n} ${verdict}`)
    .join(', ');
  const rows = faults.map(({ fault, fromMs, toMs }) => [
    clockText(fromMs),
    `${((toMs - fromMs) / 1_000).toFixed(1)} s`,
    fault.kind === 'scenario' ? fault.words : wordsOf(fault),
  ]);
  const kinds = FAULT_KINDS.map(
    (kind) => [kind, faults.filter(({ fault }) => fault.kind === kind).length] as const,
  ).filter(([, n]) => n > 0);
  return [
    `# ${title}, seed ${seed}`,
    '',
    `\`${command}\`: ${counted.violations.length === 0 ? 'no violation' : `**${counted.violations.length} violations**`}.`,
    '',
    ...counted.violations.slice(0, VIOLATIONS_SHOWN_MAX).map((violation) => `- ${violation}`),
    ...(counted.violations.length > 0 ? [''] : []),
    `![Events, lag and faults over time](${name}.svg)`,
    '',
    ...markdownTable(
      ['counted', ''],
      [
        ['promises', `${counted.promises}: ${verdicts}`],
        ['breaches announced and taken back, since the scan itself came late', String(counted.falseAlarms)],
        ['lines asked for, of which taken back', `${counted.lines}, ${counted.linesTakenBack}`],
        ['paid by the bank, and booked', `${moneyText(counted.paidMinor)} EUR`],
        ['records that a topic carried again, with the same bytes', String(counted.toldAgain)],
        [
          'answers to the senders',
          Object.entries(answers)
            .sort()
            .map(([answer, n]) => `${answer}: ${n}`)
            .join(', '),
        ],
        ['at rest after the last fault', `${Math.round(restMs / 1_000)} s`],
        [
          'most resident memory of an instance',
          Object.entries(peakMib)
            .map(([instance, mib]) => `${instance} ${mib} MiB`)
            .join(', '),
        ],
      ],
    ),
    '',
    ...notes.flatMap((note) => [`- ${note}`]),
    ...(notes.length > 0 ? [''] : []),
    ...(kinds.length === 0
      ? []
      : [`${faults.length} faults in ${minutes} minutes: ${kinds.map(([kind, n]) => `${kind} ${n}`).join(', ')}.`, '']),
    ...markdownTable(['at', 'took', 'what'], rows),
    '',
  ].join('\n');
}

/** Aligned as prettier wants it. */
function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [headings, ...rows];
  const widths = headings.map((_, i) => Math.max(3, ...cells.map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, i) => (row[i] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(headings), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)];
}
