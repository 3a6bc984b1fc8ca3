import { readFileSync } from 'node:fs';
import { calendarOf, compileTerms } from '#libs/calendar';
import { compileGuarantees, type Guarantee } from '#libs/guarantees';
import {
  decideOnFact,
  fireDue,
  newSubject,
  takeIn,
  type Fact,
  type SubjectState,
  type Terms,
} from '#libs/promise-engine';
import { explainJudgement } from '../../../apps/sla-timer/src/promise-log/explain-judgement.js';

export interface EngineOptions {
  /** Promises, each with one opening; 90 % of them with a fact that keeps them, the others breached by time. */
  readonly promises: number;
  readonly rounds: number;
  readonly announce: readonly Guarantee['announce'][];
  readonly json: boolean;
}

const START_MS = Date.UTC(2026, 0, 5);
const HOUR_MS = 3_600_000;
const ROOT = new URL('../../../../', import.meta.url);

/** Promises of one guarantee: 90 % kept by a second fact, the others breached by time. */
interface Workload {
  /** From the root of the checkout. */
  readonly file: string;
  readonly opens: string;
  readonly keeps: string;
  readonly keptAfterMs: number;
  /** What the opening fact carries. */
  dataOf(n: number, openedAtMs: number): Record<string, unknown>;
}

/** A term of minutes and an apology: a guarantee as simple as they come. */
const SIMPLE: Workload = {
  file: 'guarantees/hotel-check-in.yaml',
  opens: 'hotel.guest.arrived',
  keeps: 'hotel.guest.checked-in',
  keptAfterMs: 60_000,
  dataOf: (n) => ({ guestId: `G-${n % 1_000}`, nightRate: { amountMinor: 88_000, currency: 'CNY' } }),
};

/** The guarantee that the pipeline is measured with: a condition, references, parties, three kinds of evidence. */
const DELIVERY: Workload = {
  file: 'bench/bench-delivery.yaml',
  opens: 'bench.item.accepted',
  keeps: 'bench.item.delivered',
  keptAfterMs: 9 * HOUR_MS,
  dataOf: (n, openedAtMs) => ({
    product: 'EMS',
    paymentId: `P-${n}`,
    office: 'Hangzhou',
    sender: { id: `C-${n % 1_000}` },
    promisedAt: new Date(openedAtMs + 24 * HOUR_MS).toISOString(),
    postage: { amountMinor: 2_100, currency: 'CNY' },
    to: { id: 'R-1', region: 'Zhejiang' },
  }),
};

/** The pure engine on one core: no log, no database, nothing written. */
export function engine(options: EngineOptions): void {
  const result: Record<string, unknown> = { bench: 'engine', workingTime5YearsMs: workingTimeMs() };
  for (const announce of options.announce) {
    const suffix = announce === 'all' ? 'AnnouncingAll' : '';
    for (const [name, workload] of [
      ['factsPerSecondSimple', SIMPLE],
      ['factsPerSecond', DELIVERY],
    ] as const) {
      const rates = ratesOf(workload, announce, options);
      result[`${name}${suffix}`] = Math.round(median(rates));
      result[`${name}${suffix}Best`] = Math.round(Math.max(...rates));
    }
  }
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    process.stdout.write(
      `pure engine, one core, ${options.promises} promises, median and best of ${options.rounds * PIECES} pieces\n`,
    );
    for (const [name, value] of Object.entries(result))
      if (typeof value === 'number') process.stdout.write(`  ${name.padEnd(36)} ${value.toLocaleString('en')}\n`);
  }
}

/** A round is run in short pieces: the best of many shows the code, whoever else uses the machine. */
const PIECES = 4;

/** Facts a second of each piece; those of one round before them, in which the code is compiled, do not count. */
function ratesOf(workload: Workload, announce: Guarantee['announce'], options: EngineOptions): readonly number[] {
  const terms = termsOf(workload, announce);
  const promises = Math.ceil(options.promises / PIECES);
  const rates = Array.from({ length: (options.rounds + 1) * PIECES }, () => factsPerSecond(terms, workload, promises));
  return rates.slice(PIECES);
}

/** A deadline of ten thousand working hours (five years of Mon-Fri 09-17), from a thousand starts; milliseconds each. */
function workingTimeMs(): number {
  const hours: readonly (readonly [number, number])[] = [[9 * HOUR_MS, 17 * HOUR_MS]];
  const week = [hours, hours, hours, hours, hours, [], []];
  const terms = { name: 'office', timeZone: 'Europe/Berlin', week, changes: [], holidays: [] };
  const compiled = compileTerms(terms, process.versions['tz'] ?? '');
  if (compiled.calendar === undefined) throw new Error(compiled.problem.detail);
  const calendar = calendarOf(compiled.calendar);
  const rounds = 1_000;
  const before = process.cpuUsage();
  for (let n = 0; n < rounds; n++) {
    const dueAtMs = calendar.addOpenMs(START_MS + n * HOUR_MS, 10_000 * HOUR_MS);
    if (dueAtMs === null) throw new Error('the deadline lies beyond 2100');
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / rounds;
}

function termsOf({ file }: Workload, announce: Guarantee['announce']): Terms {
  const rest = readFileSync(new URL(file, ROOT), 'utf8').replace(/^announce: .*$/m, '');
  const compiled = compileGuarantees([{ file, text: `${rest}\nannounce: ${announce}\n` }]);
  const [guarantee] = compiled.guarantees ?? [];
  if (guarantee === undefined) throw new Error(JSON.stringify(compiled.problems));
  return {
    active: [guarantee],
    pinned: () => guarantee,
    names: (type) => guarantee.factTypes.has(type),
    disruptions: [],
    silences: [],
    explain: explainJudgement,
  };
}

/** Facts are made a thousand promises at a time, so that the collector has only the engine's own garbage. */
const CHUNK = 1_000;

function factsPerSecond(terms: Terms, workload: Workload, promises: number): number {
  let facts = 0;
  let cpuMicros = 0;
  for (let from = 0; from < promises; from += CHUNK) {
    const told = factsOf(workload, from, Math.min(CHUNK, promises - from));
    // CPU time, not the wall's: the machine has other users. That of the collector's threads counts too.
    const before = process.cpuUsage();
    facts += decideAll(terms, told);
    const { user, system } = process.cpuUsage(before);
    cpuMicros += user + system;
  }
  return (facts * 1_000_000) / cpuMicros;
}

/** One promise an element: its opening, and what keeps it. */
function factsOf({ opens, keeps, keptAfterMs, dataOf }: Workload, from: number, count: number): readonly Fact[][] {
  return Array.from({ length: count }, (_, index) => {
    const n = from + index;
    const openedAtMs = START_MS + n * 100;
    const opening = factOf(n, opens, openedAtMs, dataOf(n, openedAtMs));
    return n % 10 === 0 ? [opening] : [opening, factOf(n, keeps, openedAtMs + keptAfterMs, {})];
  });
}

function factOf(n: number, type: string, atMs: number, data: Record<string, unknown>): Fact {
  const subject = `S-${n}`;
  const base = { id: `${type}-${n}`, source: 'bench', type, subject, data, revision: 0 };
  return { ...base, claimedAtMs: atMs, occurredAtMs: atMs, receivedAtMs: atMs };
}

/** Facts decided, their wake-ups until the breach or the keeping included. */
function decideAll(terms: Terms, promises: readonly Fact[][]): number {
  let facts = 0;
  let said = 0;
  for (const told of promises) {
    facts += told.length;
    said += announcedOf(terms, told);
  }
  if (said === 0) throw new Error('nothing was decided');
  return facts;
}

/** One promise from its opening to two days later; returns how much was announced. */
function announcedOf(terms: Terms, told: readonly Fact[]): number {
  let said = 0;
  let state: SubjectState = newSubject((told[0] as Fact).subject);
  for (const fact of told) {
    const shardTimeMs = fact.receivedAtMs - 1;
    state = fireDue(state, terms, shardTimeMs).state ?? state;
    const taken = takeIn(state, fact);
    if (taken.kind !== 'new') throw new Error('a fact of the bench was not new');
    const decided = decideOnFact(taken.state, fact, terms, shardTimeMs);
    said += decided.announcements.length;
    state = decided.state as SubjectState;
  }
  return said + fireDue(state, terms, (told[0] as Fact).receivedAtMs + 48 * HOUR_MS).announcements.length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
