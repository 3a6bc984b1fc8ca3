import { encodeCloudEvent, SOURCES, TICK_TYPE } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import { Random } from '../seeded/random.js';
import { ACTIVATION, DAY_MS, HOUR_MS, MINUTE_MS, START_MS } from '../simulation/terms.js';
import type { ServiceInMemory } from '../parked/service-in-memory.js';
import type { Pipeline, Told } from './pipeline.js';

/** Words at which the services have a defect until it is mended: in a fact, and in the name of a subject. */
export const FLAWS = { timer: 'flawed-fact', money: 'flawed-money', loyalty: 'flawed-score' } as const;

export interface PoisonRun {
  readonly events: number;
  readonly poisoned: number;
  /** Dead letters before the mending, by service. */
  readonly letters: Readonly<Record<string, number>>;
  /** Records that waited behind one of them when all had been told. */
  readonly waited: number;
  readonly seconds: number;
  /** Empty: everything is as it has to be. */
  readonly violations: readonly string[];
}

const SPAN_MS = 2 * DAY_MS;
const CUSTOMERS_SHARE = 8;

/** A clean run, the same with a poison in each thousand, and what differs when it is mended and replayed. */
export async function poisonRun(pipeline: Pipeline, seed: number, events: number): Promise<PoisonRun> {
  const beganMs = performance.now();
  const log = makeLog(seed, events);
  const violations: string[] = [];
  const expect = (what: string, found: unknown, expected: unknown): void => {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    if (a !== b) violations.push(`${what}: ${firstDifference(a, b)}`);
  };
  await pipeline.reset();
  await pipeline.read(log.told);
  const [cleanPromises, cleanLines] = [await promisesOf(pipeline), await linesOf(pipeline)];
  await pipeline.read(log.end);
  const clean = await endOf(pipeline);

  await pipeline.reset();
  pipeline.timer.poison.add(FLAWS.timer);
  pipeline.money.poison.add(FLAWS.money);
  pipeline.loyalty.poison.add(FLAWS.loyalty);
  await pipeline.read(log.told);
  const isFree = ({ subject }: { subject: string }): boolean => !log.flawed.has(subject);
  expect(
    'promises of every other subject, before the mending',
    (await promisesOf(pipeline)).filter(isFree),
    cleanPromises.filter(isFree),
  );
  const waiting = new Set((await waitingIn(pipeline.money)).map(({ key }) => key));
  const late = new Set(log.flawedFacts);
  const goesOn = (line: { customer: string; subject: string }): boolean =>
    !waiting.has(line.customer) && !late.has(line.subject);
  expect(
    'lines of whom nothing waits, before the mending',
    (await linesOf(pipeline)).filter(goesOn),
    cleanLines.filter(goesOn),
  );
  const waited = (await waitingIn(pipeline.money)).length + (await waitingIn(pipeline.loyalty)).length;
  const letters = Object.fromEntries(
    (['timer', 'money', 'loyalty'] as const).map((name) => [name, pipeline[name].letters.length]),
  );
  for (const service of pipeline.services)
    for (const { data } of service.letters)
      if (data.reason !== 'PROCESSING_FAILED' || !data.detail.includes('flawed') || !data.original.includes('flawed'))
        violations.push(`a letter does not say why: ${data.reason} ${data.detail}`);
  expect('a letter for each poisoned fact', letters['timer'], log.flawedFacts.length);

  for (const service of pipeline.services) {
    service.poison.clear();
    for (const letter of [...service.letters]) await pipeline.replay(service, letter);
  }
  expect(
    'nothing waits after the replay',
    [...(await waitingIn(pipeline.money)), ...(await waitingIn(pipeline.loyalty))],
    [],
  );
  await pipeline.read(log.end);
  const mended = await endOf(pipeline);
  for (const part of Object.keys(clean) as (keyof typeof clean)[])
    expect(`${part} at the end`, mended[part], clean[part]);
  if (clean.lines.length === 0 || clean.customers.length === 0) violations.push('the run has shown nothing');
  return {
    ...{ events: log.events, poisoned: log.poisoned, letters, waited, violations },
    seconds: (performance.now() - beganMs) / 1_000,
  };
}

interface Log {
  readonly told: Told[];
  /** Ticks of the days after: everything becomes final. */
  readonly end: Told[];
  readonly events: number;
  readonly poisoned: number;
  readonly flawed: ReadonlySet<string>;
  /** Subjects of facts that sla-timer cannot take. */
  readonly flawedFacts: readonly string[];
}

/** Parcels kept, late, never delivered, withdrawn; a tick an hour; every thousandth event a poison for one of the three. */
function makeLog(seed: number, events: number): Log {
  const random = new Random(seed, 'poison');
  const facts: { atMs: number; told: Told }[] = [];
  const flawed = new Set<string>();
  const flawedFacts: string[] = [];
  let poisoned = 0;
  for (let n = 0; facts.length < events; n++) {
    const due =
      Math.floor(facts.length / 1_000) >= poisoned ? random.pick(['timer', 'money', 'loyalty'] as const) : null;
    if (due !== null) poisoned += 1;
    const subject = `parcel-${n}${due === 'money' || due === 'loyalty' ? `-${FLAWS[due]}` : ''}`;
    if (due === 'timer') flawed.add(subject);
    if (due === 'timer') flawedFacts.push(subject);
    const openMs = START_MS + random.int(1, SPAN_MS - DAY_MS);
    const dueMs = openMs + random.int(20, 600) * MINUTE_MS;
    const customer = `C-${random.int(1, Math.ceil(events / CUSTOMERS_SHARE))}`;
    const postage = { amountMinor: random.int(100, 5_000), currency: 'EUR' };
    const opening = { customer, postage, promisedAt: formatInstant(dueMs) };
    const say = (type: string, occurredMs: number, data: object): void => {
      const event = {
        ...{ specversion: '1.0' as const, id: `${n}-${type}`, source: 'urn:poison', type, subject },
        ...{ time: formatInstant(occurredMs), data: { ...data } },
      };
      const value = Buffer.from(encodeCloudEvent(event));
      facts.push({ atMs: occurredMs + MINUTE_MS, told: { key: subject, value, timestampMs: occurredMs + MINUTE_MS } });
    };
    // The opening or the news of delivery: both may be what cannot be taken.
    const isOpening = due === 'timer' && random.chance(0.3);
    say('parcel.accepted', openMs, isOpening ? { ...opening, note: FLAWS.timer } : opening);
    const end = due === 'timer' ? 'kept' : random.pick(['kept', 'kept', 'kept', 'late', 'never', 'withdrawn'] as const);
    const note = due === 'timer' && !isOpening ? { note: FLAWS.timer } : {};
    if (end === 'kept') say('parcel.delivered', random.int(openMs, dueMs), note);
    if (end === 'late') say('parcel.delivered', dueMs + random.int(1, DAY_MS), {});
    if (end === 'withdrawn') say('parcel.withdrawn', random.int(openMs, dueMs), {});
  }
  const firstTickMs = START_MS;
  const lastMs = START_MS + SPAN_MS + DAY_MS;
  const ticks = (fromMs: number, toMs: number): Told[] => {
    const all: Told[] = [];
    for (let atMs = fromMs; atMs <= toMs; atMs += HOUR_MS) all.push(tickAt(atMs));
    return all;
  };
  const activation: Told = { key: 'guarantees', value: Buffer.from(ACTIVATION), timestampMs: START_MS - 1 };
  const told = [...facts.map((fact) => fact.told), ...ticks(firstTickMs, lastMs)];
  told.sort((a, b) => a.timestampMs - b.timestampMs);
  return {
    ...{ told: [activation, ...told], end: ticks(lastMs + HOUR_MS, lastMs + 14 * DAY_MS) },
    ...{ events: facts.length, poisoned, flawed, flawedFacts },
  };
}

function tickAt(atMs: number): Told {
  const event = {
    ...{ specversion: '1.0' as const, id: `tick-${atMs}`, source: SOURCES.intake, type: TICK_TYPE, subject: 'tick' },
    ...{ time: formatInstant(atMs), data: { everyMs: HOUR_MS, silent: [] } },
  };
  return { key: 'tick', value: Buffer.from(encodeCloudEvent(event)), timestampMs: atMs };
}

interface PromiseEnd {
  readonly subject: string;
}
interface LineEnd {
  readonly customer: string;
  readonly subject: string;
}

const promisesOf = ({ timer }: Pipeline): Promise<PromiseEnd[]> =>
  timer.rows<PromiseEnd>(
    `select subject, promise_id, customer, state, verdict, due_at_ms, completed_at_ms, lateness_ms from promise order by promise_id`,
  );

const linesOf = ({ money }: Pipeline): Promise<LineEnd[]> =>
  money.rows<LineEnd>(
    `select customer, subject, line_id, remedy_id, n, line.state, amount_minor, cancelled_minor from line
     join entitlement using (promise_id) order by line_id`,
  );

const waitingIn = (service: ServiceInMemory): Promise<{ key: string }[]> =>
  service.rows<{ key: string }>('select key from parked_record');

async function endOf(pipeline: Pipeline) {
  return {
    promises: await promisesOf(pipeline),
    lines: await linesOf(pipeline),
    ledger: await pipeline.money.rows(
      `select line_id, split_part(account, ':', 1) as account, sum(amount_minor)::bigint as minor
       from ledger_entry join ledger_transfer using (transfer_id) group by 1, 2 order by 1, 2`,
    ),
    customers: await pipeline.loyalty.rows(
      'select customer, promises_kept, promises_missed, promises_excused, promises_cancelled, compensation, tier from customer order by 1',
    ),
  };
}

function firstDifference(found: string, expected: string): string {
  let at = 0;
  while (at < found.length && found[at] === expected[at]) at++;
  const part = (text: string): string => text.slice(Math.max(0, at - 150), at + 100);
  return `found …${part(found)}…, expected …${part(expected)}…`;
}
