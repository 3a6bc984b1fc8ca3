import { DEFAULT_SHARD_COUNT, TOPICS } from '#libs/contracts';
import { createKafka, SerialProducer, type OutgoingRecord } from '#libs/messaging';
import { SystemClock } from '#libs/clock';
import type { Infrastructure } from '../../../apps/cli/src/stack/infrastructure.js';
import { cpuMsOf } from '../pipeline/cpu.js';
import { makeFreshTopic } from '../pipeline/topics.js';
import { end, startService, type Stage } from '../service.js';
import { note, withStage, type StageOptions } from '../stage.js';
import { activation, breaches, releaseCommand, tick, WAVE_ENDS_MS, type WaveTerms } from './breaches.js';
import { readLinesTold, type LinesTold } from './lines-told.js';
import { WaveGauge } from './measure-wave.js';

export interface WaveOptions extends StageOptions {
  readonly promises: number;
  readonly json: boolean;
  /** The wave that nothing holds back alone (for profiles). */
  readonly isAlone: boolean;
}

/** Lines of one phase; CPU in microseconds a line. */
interface Phase {
  readonly lines: number;
  readonly linesPerSecond: number;
  readonly seconds: number;
  readonly ownCpuUs: number;
  readonly databaseCpuUs: number;
}

const RECORDS_PER_SEND = 4_000;
/** Refund and apology. */
const LINES_PER_BREACH = 2;

/** `bench wave`: breaches that come all at once, decided and booked; then held by the breaker and released in bulk. */
export async function wave(options: WaveOptions): Promise<void> {
  await withStage(options, 'live', async (stage, infrastructure) => {
    await send(stage.brokers, [{ topic: TOPICS.control, partition: 0, key: 'guarantees', value: activation() }]);
    const free = await runWave('free', options.promises, stage, infrastructure);
    if (options.isAlone) return;
    const breaker = await runWave('breaker', options.promises, stage, infrastructure);
    const product = { decided: free.wave, held: breaker.wave, released: breaker.release };
    if (options.json)
      process.stdout.write(`${JSON.stringify({ bench: 'wave', breaches: options.promises, product })}\n`);
  });
}

async function runWave(terms: WaveTerms, promises: number, stage: Stage, infrastructure: Infrastructure) {
  const { brokers } = stage;
  const name = `bench_wave_${terms}`;
  for (const topic of [TOPICS.promises, TOPICS.settlements, TOPICS.compensations]) await makeFreshTopic(brokers, topic);
  for (const records of inSends(breaches(promises, terms, DEFAULT_SHARD_COUNT))) await send(brokers, records);
  const child = startService(stage, 'compensation', name);
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  const gauge = await WaveGauge.open(stage.databaseUrl, name, isAlive);
  const meter = meterOf(child.pid ?? 0, infrastructure);
  try {
    await gauge.untilBegun();
    const wavePhase = await meter(promises * LINES_PER_BREACH, () => gauge.untilSettled(promises));
    note(`${terms.padEnd(8)} decided and booked  ${wordsOf(wavePhase)}`);
    if (terms === 'free') {
      verify(await readLinesTold(brokers), {
        'makegood.refund.requested': promises,
        'makegood.apology.requested': promises,
      });
      await verifyBooks(gauge, promises);
      return { wave: wavePhase, release: null };
    }
    await verifyBooks(gauge, 0);
    const release = await meter(promises * LINES_PER_BREACH, () => releaseAll(brokers, gauge));
    note(`${terms.padEnd(8)} released in bulk    ${wordsOf(release)}`);
    verify(await readLinesTold(brokers), {
      'makegood.compensation.held': promises * LINES_PER_BREACH,
      'makegood.compensation.approved': promises * LINES_PER_BREACH,
      'makegood.refund.requested': promises,
      'makegood.apology.requested': promises,
    });
    await verifyBooks(gauge, promises);
    return { wave: wavePhase, release };
  } finally {
    await end(child);
    await gauge.dropAll();
    await gauge.close();
  }
}

/** One command, as intake copies it to every shard, while ticks go on as in life. */
async function releaseAll(brokers: string, gauge: WaveGauge): Promise<void> {
  const partitions = Array.from({ length: DEFAULT_SHARD_COUNT }, (_, partition) => partition);
  const toAll = (topic: string, value: string, timestampMs: number): OutgoingRecord[] =>
    partitions.map((partition) => ({ topic, partition, key: 'all', value, timestampMs }));
  await send(brokers, toAll(TOPICS.settlements, releaseCommand(), WAVE_ENDS_MS));
  let n = 0;
  const ticking = setInterval(() => {
    n += 1;
    void send(brokers, toAll(TOPICS.promises, tick(n), WAVE_ENDS_MS + n * 1_000));
  }, 1_000);
  try {
    await gauge.untilReleased();
  } finally {
    clearInterval(ticking);
  }
}

function meterOf(pid: number, { children }: Infrastructure) {
  const database = children.find(({ spec }) => spec.name === 'database')?.pid ?? 0;
  return async (lines: number, work: () => Promise<void>): Promise<Phase> => {
    const before = [pid, database].map((each) => cpuMsOf(each) ?? 0);
    const startMs = performance.now();
    await work();
    const elapsedMs = performance.now() - startMs;
    const [own, ofDatabase] = [pid, database].map((each, i) => (cpuMsOf(each) ?? 0) - (before[i] ?? 0));
    const perLineUs = (ms: number | undefined): number => Math.round(((ms ?? 0) * 1_000) / lines);
    return {
      lines,
      linesPerSecond: Math.round((lines / elapsedMs) * 1_000),
      seconds: Math.round(elapsedMs / 100) / 10,
      ownCpuUs: perLineUs(own),
      databaseCpuUs: perLineUs(ofDatabase),
    };
  };
}

function wordsOf({ lines, linesPerSecond, seconds, ownCpuUs, databaseCpuUs }: Phase): string {
  return `${lines} lines, ${linesPerSecond} lines/s (${seconds} s; CPU ${ownCpuUs} µs a line + database ${databaseCpuUs})`;
}

/** A wave that came to other lines than it must is an error, not a figure. */
function verify({ counts, keysAskedTwice, repeated }: LinesTold, expected: Readonly<Record<string, number>>): void {
  const kinds = new Set([...Object.keys(counts), ...Object.keys(expected)]);
  const faults = [...kinds].flatMap((kind) =>
    counts[kind] === expected[kind] ? [] : [`${kind}: ${expected[kind] ?? 0} expected, ${counts[kind] ?? 0} told`],
  );
  if (keysAskedTwice > 0) faults.push(`${keysAskedTwice} idempotency keys asked for twice`);
  if (faults.length > 0) throw new Error(`the wave was wrong: ${faults.join('; ')}`);
  note(`         each line once on the topic${repeated === 0 ? '' : `; ${repeated} records repeat an event`}`);
}

/** Each refund that was asked for is booked by one transfer of two entries, and all entries sum to zero. */
async function verifyBooks(gauge: WaveGauge, refunds: number): Promise<void> {
  const entries = await gauge.count('select count(*) as n from $schema.ledger_entry');
  const sum = await gauge.count('select coalesce(sum(amount_minor), 0) as n from $schema.ledger_entry');
  if (entries === refunds * 2 && sum === 0) return;
  throw new Error(`the books are wrong: ${refunds * 2} entries expected, ${entries} found, their sum ${sum}`);
}

function* inSends(lines: Iterable<Omit<OutgoingRecord, 'topic'>>): Generator<OutgoingRecord[]> {
  let waiting: OutgoingRecord[] = [];
  for (const line of lines) {
    waiting.push({ topic: TOPICS.promises, ...line });
    if (waiting.length < RECORDS_PER_SEND) continue;
    yield waiting;
    waiting = [];
  }
  if (waiting.length > 0) yield waiting;
}

async function send(brokers: string, records: readonly OutgoingRecord[]): Promise<void> {
  const producer = new SerialProducer(
    createKafka({ clientId: 'makegood-bench', brokers: brokers.split(',') }),
    new SystemClock(),
  );
  try {
    await producer.send(records);
  } finally {
    await producer.close();
  }
}
