import { parseArgs } from 'node:util';
import { join, resolve } from 'node:path';
import { ProblemError } from '#libs/kernel';
import { problemFrom, UsageError } from '../../apps/cli/src/errors.js';
import { PROJECT_ROOT } from '../../apps/cli/src/stack/project.js';
import { Terminal } from '../../apps/cli/src/terminal/terminal.js';
import { chaos } from './chaos.js';
import type { Outcome } from './report/outcome.js';
import { writeReport } from './report/report.js';
import { moneyText } from './report/text.js';
import { SCENARIOS } from './scenarios/scenarios.js';

const HELP = `Usage: makegood chaos [--seed N] [--minutes M] | --scenario NAME

The real stack with two instances of each service, under load and under fire: kill -9, SIGSTOP, restarts, a database
that refuses, connections that are cut, hang or crawl, clocks that are wrong. At the end an oracle that shares no code
with the product counts from topics and books: every promise its one right verdict, every line once, the ledger zero.
Exit code 0: no violation. Reports: docs/reliability.md.

  --seed N          decides load and faults                      (default: one of the clock's, printed)
  --minutes M       how long                                     (default 10)
  --rate N          promises opened a second                     (default 20)
  --scenario NAME   one thing by itself:
${Object.entries(SCENARIOS)
  .map(([name, { about }]) => `                      ${name.padEnd(20)} ${about}`)
  .join('\n')}
  --report DIR      where NAME.md and NAME.svg go                (default: docs/reliability)
  --data-dir D      keep broker, database and logs there         (default: a temporary folder)
`;

interface Options {
  readonly seed: number;
  readonly minutes: number;
  readonly rate: number;
  readonly scenario: string | null;
  readonly report: string;
  readonly dataDir: string | null;
}

function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string', default: '10' },
      rate: { type: 'string', default: '20' },
      scenario: { type: 'string' },
      report: { type: 'string', default: join(PROJECT_ROOT, 'docs', 'reliability') },
      'data-dir': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  if (values.scenario !== undefined && !(values.scenario in SCENARIOS)) {
    const advice = `there is: ${Object.keys(SCENARIOS).join(', ')}`;
    throw new UsageError({ code: 'OPTION_INVALID', detail: `--scenario by name → ${values.scenario}`, advice });
  }
  return {
    seed: numberOf('--seed', values.seed ?? String(Date.now() % 100_000), 0, 2 ** 31),
    minutes: numberOf('--minutes', values.minutes, 0.5, 24 * 60),
    rate: numberOf('--rate', values.rate, 1, 1_000),
    scenario: values.scenario ?? null,
    report: resolve(values.report),
    dataDir: values['data-dir'] === undefined ? null : resolve(values['data-dir']),
  };
}

function numberOf(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new UsageError({ code: 'OPTION_INVALID', detail: `${option} from ${least} to ${most} → ${text}` });
}

async function run(options: Options, terminal: Terminal): Promise<number> {
  const { seed, minutes, rate, scenario, dataDir } = options;
  const command = scenario
    ? `./makegood chaos --scenario ${scenario} --seed ${seed}`
    : `./makegood chaos --seed ${seed} --minutes ${minutes}`;
  terminal.note(`${terminal.paint('bold', scenario ?? 'chaos')}  ${command}`);
  const outcome = scenario
    ? await (SCENARIOS[scenario] as (typeof SCENARIOS)[string]).run({ seed, dataDir }, terminal)
    : await chaos({ seed, minutes, promisesPerSecond: rate, dataDir }, terminal);
  const page = writeReport(options.report, scenario ?? `seed-${seed}`, outcome, command);
  return tell(outcome, page, command, terminal);
}

function tell({ counted, restMs, faults, notes }: Outcome, page: string, command: string, terminal: Terminal): number {
  const { promises, verdicts, lines, linesTakenBack, paidMinor, violations, toldAgain } = counted;
  const good = violations.length === 0;
  const mark = good ? terminal.paint('green', '✓') : terminal.paint('red', '✗');
  terminal.line(
    `${mark} ${promises} promises: ${Object.entries(verdicts)
      .sort()
      .map(([verdict, n]) => `${n} ${verdict}`)
      .join(', ')}`,
  );
  terminal.line(`  ${lines} lines, ${linesTakenBack} of them taken back; ${moneyText(paidMinor)} EUR paid and booked`);
  terminal.line(
    `  ${faults.length} faults; ${toldAgain} records told again; at rest after ${Math.round(restMs / 1_000)} s`,
  );
  for (const note of notes) terminal.line(`  ${note}`);
  for (const violation of violations.slice(0, 20)) terminal.line(`  ${terminal.paint('red', '✗')} ${violation}`);
  terminal.line(
    good ? `  no violation; report: ${page}` : `  ${violations.length} violations; report: ${page}; again: ${command}`,
  );
  return good ? 0 : 1;
}

const terminal = new Terminal(process.stdout, process.stderr, false);
try {
  const options = readOptions(process.argv.slice(2));
  const code = options ? await run(options, terminal) : (process.stdout.write(HELP), 0);
  process.stdout.write('', () => process.exit(code));
} catch (error) {
  const isUsage =
    error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
  const { code, detail, advice } =
    isUsage && !(error instanceof ProblemError)
      ? { code: 'OPTION_INVALID', detail: (error as Error).message, advice: 'makegood chaos --help' }
      : problemFrom(error);
  process.stderr.write(`✗ ${code}  ${detail}\n${advice ? `  ${advice}\n` : ''}`);
  if (!isUsage) process.stderr.write(`${(error as Error).stack ?? ''}\n`);
  process.exit(isUsage ? 2 : 1);
}
