import { parseArgs } from 'node:util';
import { ProblemError } from '#libs/kernel';
import { nearestName } from '#libs/kernel';
import { problemFrom, UsageError } from '../../apps/cli/src/errors.js';
import { pipeline, type Part, type PipelineOptions } from './pipeline/pipeline.js';
import type { Announce } from './pipeline/workload.js';
import { cutoff } from './live/cutoff.js';
import { handover, type HandoverOptions } from './live/handover.js';
import { latency, type LatencyOptions } from './live/latency.js';
import { move } from './live/move.js';
import { storm, type StormOptions } from './live/storm.js';
import { engine } from './engine/engine.js';
import { footprint, type FootprintOptions } from './footprint/footprint.js';
import { history, type HistoryOptions } from './history/history.js';
import { loyalty, type LoyaltyOptions } from './loyalty/loyalty.js';
import { soak, type SoakOptions } from './soak/soak.js';
import { wave } from './wave/wave.js';

const NAMES = [
  'pipeline',
  'storm',
  'latency',
  'handover',
  'move',
  'cutoff',
  'engine',
  'loyalty',
  'wave',
  'footprint',
  'history',
  'soak',
] as const;
const MODES: readonly Announce[] = ['all', 'consequences'];
const PARTS: readonly Part[] = ['sla-timer', 'whole'];

const HELP = `Usage: makegood bench pipeline | storm | latency | handover | move | cutoff | engine | loyalty | wave | footprint |
       history | soak [options]

Measures the product beside its floor (a hand-written consumer that does the least for the same input and output),
in one go, in turns. What is measured and what limits what: bench/README.md.

  pipeline               events/s from makegood.events.v1 to settled verdicts, sla-timer alone; and the whole
                         pipeline: from HTTP through all four services until all is refunded and scored
  storm                  deadlines of one second, input flowing: until each breach is seen on Kafka; killed in it, too
  latency                from a fact in the log to its verdict on the topic, idle and under load
  handover               the longest wait for a verdict while instances of sla-timer come, leave and are killed
  move                   verdicts lost, doubled, waited for while makegood shard move takes shards to another server
  cutoff                 the same while one of two machines (network namespaces; root) falls off the network and comes back
  loyalty                signals/s of loyalty over many customers, latency of GET /customers/ID, memory
  wave                   lines/s that compensation decides and books when --promises breach at once; held, released
  footprint              memory and disk with --promises open, and the time to be back after a kill
  history                events/s of sla-timer with --settled promises in its tables, beside empty ones
  soak                   sla-timer under the same load for --minutes: memory, disk, lag, latency and CPU, flat or not
  engine                 facts/s that the pure engine decides on one core, and a working-time deadline 5 years out

Options:
  --promises N           promises opened, 10 % of them broken        (default 100000)
  --deadlines N          of storm                                      (default 50000)
  --rate N               facts/s of storm, latency, handover, move, cutoff, soak (default 2000)
  --instances N          of handover, at most                          (default 2)
  --minutes M            of soak                                       (default 60)
  --picture FILE         of soak: where its plot goes (SVG)            (default: none is made)
  --customers N, --signals N   of loyalty                     (default 1000000, 300000)
  --settled N            of history                                    (default 10000000)
  --rounds N             turns of both; medians are reported          (default 3)
  --part sla-timer|whole        of pipeline: only one of the two      (default both)
  --announce all|consequences   of its sla-timer: only one of the two (default both)
  --json                 end with one line of JSON
  --cpu-prof [--prof-dir D]     take CPU profiles of the product       (default D: .makegood/profiles)
  --alone                the product only, without the floor; wave: without the breaker (for profiles)
  --port-base N          ports from N on                              (default: free ones)
  --data-dir D           keep broker, database and logs there         (default: a temporary folder)
`;

function readOptions(args: readonly string[]): {
  name: string | null;
  options: PipelineOptions &
    LoyaltyOptions &
    StormOptions &
    LatencyOptions &
    HandoverOptions &
    FootprintOptions &
    HistoryOptions &
    SoakOptions;
} {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      promises: { type: 'string', default: '100000' },
      deadlines: { type: 'string', default: '50000' },
      rate: { type: 'string', default: '2000' },
      instances: { type: 'string', default: '2' },
      minutes: { type: 'string', default: '60' },
      picture: { type: 'string' },
      customers: { type: 'string', default: '1000000' },
      signals: { type: 'string', default: '300000' },
      settled: { type: 'string', default: '10000000' },
      rounds: { type: 'string', default: '3' },
      announce: { type: 'string' },
      part: { type: 'string' },
      json: { type: 'boolean', default: false },
      'cpu-prof': { type: 'boolean', default: false },
      'prof-dir': { type: 'string', default: '.makegood/profiles' },
      alone: { type: 'boolean', default: false },
      'port-base': { type: 'string' },
      'data-dir': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    name: values.help ? null : (positionals[0] ?? null),
    options: {
      deadlines: whole('--deadlines', values.deadlines, 100, 1_000_000),
      eventsPerSecond: whole('--rate', values.rate, 1, 100_000),
      instances: whole('--instances', values.instances, 2, 12),
      minutes: whole('--minutes', values.minutes, 1, 1_440),
      pictureFile: values.picture ?? null,
      customers: whole('--customers', values.customers, 1_000, 10_000_000),
      signals: whole('--signals', values.signals, 1_000, 50_000_000),
      settled: whole('--settled', values.settled, 1_000, 50_000_000),
      promises: whole('--promises', values.promises, 10, 5_000_000),
      rounds: whole('--rounds', values.rounds, 1, 100),
      announce: oneOf('--announce', values.announce, MODES),
      parts: oneOf('--part', values.part, PARTS),
      json: values.json,
      isAlone: values.alone,
      profileDir: values['cpu-prof'] ? values['prof-dir'] : null,
      portBase: values['port-base'] === undefined ? null : whole('--port-base', values['port-base'], 1_024, 65_000),
      dataDir: values['data-dir'] ?? null,
    },
  };
}

/** The one that is named; all where none is. */
function oneOf<T extends string>(option: string, text: string | undefined, all: readonly T[]): readonly T[] {
  if (text === undefined || all.includes(text as T)) return text === undefined ? all : [text as T];
  throw new UsageError({ code: 'OPTION_INVALID', detail: `${option} ${all.join(' or ')} → ${text}` });
}

function whole(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError({
    code: 'OPTION_INVALID',
    detail: `${option} as a whole number from ${min} to ${max} → ${text}`,
  });
}

async function run(): Promise<void> {
  const { name, options } = readOptions(process.argv.slice(2));
  if (name === null) return void process.stdout.write(HELP);
  if (!NAMES.includes(name as (typeof NAMES)[number])) {
    const nearest = nearestName(name, NAMES);
    const advice = `${nearest ? `did you mean ${nearest}? ` : ''}there is: ${NAMES.join(', ')}`;
    throw new UsageError({ code: 'BENCH_UNKNOWN', detail: `a bench by name → ${name}`, advice });
  }
  if (name === 'engine') return engine(options);
  if (name === 'storm') return storm(options);
  if (name === 'latency') return latency(options);
  if (name === 'handover') return handover(options);
  if (name === 'cutoff') return cutoff(options);
  if (name === 'move') return move(options);
  if (name === 'loyalty') return loyalty(options);
  if (name === 'wave') return wave(options);
  if (name === 'footprint') return footprint(options);
  if (name === 'history') return history(options);
  if (name === 'soak') return soak(options);
  await pipeline(options);
}

try {
  await run();
  process.stdout.write('', () => process.exit(0));
} catch (error) {
  const isUsage =
    error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
  const { code, detail, advice } =
    isUsage && !(error instanceof ProblemError)
      ? { code: 'OPTION_INVALID', detail: (error as Error).message, advice: 'makegood bench --help' }
      : problemFrom(error);
  process.stderr.write(`✗ ${code}  ${detail}\n${advice ? `  ${advice}\n` : ''}`);
  process.exit(isUsage ? 2 : 1);
}
