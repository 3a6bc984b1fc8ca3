import type { Command } from 'commander';
import { calendarJsonSchema } from '#libs/calendar';
import type { Terminal } from '../terminal/terminal.js';
import { problemText } from '../errors.js';
import { checkVectors } from './check-vectors.js';
import { explainDue } from './explain-due.js';
import { CalendarRefused, loadCalendar, neverClosing } from './load-calendar.js';
import { readQuestion, type DueOptions } from './read-question.js';

/** `due` and `calendar`: deadlines and opening hours, without any stack. */
export function addDueCommand(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  program
    .command('due')
    .description('compute and explain a deadline, segment by segment; or check a file of deadlines')
    .option('--from <instant>', 'when it begins, e.g. 2026-12-24T16:30:00+01:00')
    .option('--within <duration>', 'so long, e.g. PT4H: working time where a calendar is named, else elapsed')
    .option('--by <period>', 'civil time: P1D, P1M, P5BD (business days)')
    .option('--at <place>', 'for --by: close, end-of-day, same-time or a wall time such as 12:00')
    .option('--calendar <file>', 'opening hours and holidays')
    .option('--working', 'count working time (what --calendar does anyway)')
    .option('--elapsed', 'count elapsed time in spite of --calendar')
    .option('--zone <name>', 'the time zone where no calendar is named (default: UTC)')
    .option('--pause <from/until...>', 'the clock stands in between; no until: it never ends')
    .option('--warn-before <duration>', 'also the moment at which so much of the clock is left')
    .option('--vectors <file>', 'compute each deadline of the file and compare')
    .option('--json', 'one JSON object')
    .action(async (options: DueOptions) => exit(await due(options, terminal)));
  const calendar = program.command('calendar').description('calendar files').showHelpAfterError();
  calendar
    .command('check <files...>')
    .description('compile calendar files; every mistake with its place and the way out')
    .action(async (files: string[]) => exit(await checkCalendars(files, terminal)));
  calendar
    .command('schema')
    .description('the JSON Schema of calendar files, for editors that complete them')
    .action(() => terminal.line(JSON.stringify(calendarJsonSchema, null, 2)));
}

/** @returns exit code */
async function due(options: DueOptions, terminal: Terminal): Promise<number> {
  if (options.vectors !== undefined) return checkVectors(options.vectors, options, terminal);
  const question = readQuestion(options);
  try {
    const calendar = options.calendar === undefined ? null : await loadCalendar(options.calendar);
    const elapsed = neverClosing(calendar?.zone.name ?? options.zone ?? 'UTC');
    const clock = options.elapsed || calendar === null ? elapsed : calendar;
    return explainDue(question, { calendar, elapsed, clock }, options.json === true, terminal);
  } catch (error) {
    if (!(error instanceof CalendarRefused)) throw error;
    for (const problem of error.problems) terminal.note(`${terminal.paint('red', '✗')} ${problemText(problem)}`);
    return 1;
  }
}

async function checkCalendars(files: readonly string[], terminal: Terminal): Promise<number> {
  let failed = 0;
  for (const file of files) {
    try {
      const { name, zone, hash } = await loadCalendar(file);
      terminal.line(`✓ ${file}: ${name}, ${zone.name}, ${hash.slice(0, 12)}`);
    } catch (error) {
      if (!(error instanceof CalendarRefused)) throw error;
      failed++;
      for (const problem of error.problems) terminal.line(`✗ ${problemText(problem)}`);
    }
  }
  return failed === 0 ? 0 : 1;
}
