import { CONTROL_TYPES, TOPICS, type CloudEvent, type LineEventData } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import { compareDatabases, type Compared } from '../../apps/cli/src/shard-change/compare-databases.js';
import { compareTopics } from '../../apps/cli/src/shard-change/compare-topics.js';
import { copyLog, type CopiedTopic } from '../../apps/cli/src/shard-change/copy-log.js';
import { until } from './infrastructure.js';
import { DAY_MS, GUARANTEE, HOUR_MS, MINUTE_MS } from './traps.js';
import { TimerWorld, type Read, type Said } from './timer-world.js';

const [FROM, TO] = [4, 6];
const START_MS = Date.UTC(2026, 8, 1, 9);
/** Each shard hears a tick so much later than the one before, as a broker appends them. */
const APART_MS = 3;
const PROMISES = 300;
const SERVICES = ['sla-timer', 'compensation', 'loyalty'] as const;
/** The same terms, but that money waits for a person. */
const HELD = `${GUARANTEE.replace('name: trap', 'name: held').replaceAll('trap.opened', 'held.opened')}approval: { above: 20.00 }\n`;

type Kind = 'kept' | 'missed' | 'open' | 'excused' | 'late' | 'doubtful' | 'unknown' | 'held';
const KINDS: readonly Kind[] = ['kept', 'missed', 'open', 'excused', 'late', 'doubtful', 'unknown', 'held'];
const subjects = Array.from({ length: PROMISES }, (_, i) => ({
  subject: `s-${i}`,
  customer: `c-${i % 70}`,
  kind: KINDS[i % KINDS.length] as Kind,
}));
const of = (kind: Kind): typeof subjects => subjects.filter((each) => each.kind === kind);

/** An installation of four shards, and the one of six that its log is copied for. */
let old: TimerWorld;
let renewed: TimerWorld;
let facts = 0;
/** Without a copy there is nothing to wait for. */
let isCopied = false;
let isRead = false;
beforeAll(async () => {
  [old, renewed] = await Promise.all([TimerWorld.open({}, FROM), TimerWorld.open({}, TO)]);
  for (const service of SERVICES) await old.start(service);
}, 120_000);
afterAll(() => Promise.all([old.close(), renewed.close()]), 60_000);

const at = (minutes: number): number => START_MS + minutes * MINUTE_MS;
const fact = (type: string, subject: string, atMs: number, data: object = {}): CloudEvent<unknown> => ({
  ...{ specversion: '1.0', id: `f-${++facts}`, source: 'trap/scanner', type, subject },
  ...{ time: formatInstant(atMs), data },
});
const dueOf = (kind: Kind): number => (kind === 'open' ? START_MS + 3 * DAY_MS : kind === 'unknown' ? at(62) : at(30));
const opening = ({ subject, customer, kind }: (typeof subjects)[number], i: number): CloudEvent<unknown> =>
  fact(kind === 'held' ? 'held.opened' : 'trap.opened', subject, START_MS + i, {
    customer,
    fee: { amountMinor: 2_500 + i, currency: 'EUR' },
    region: kind === 'excused' ? 'south' : 'north',
    dueAt: formatInstant(dueOf(kind)),
  });

/** What ticks say, to both installations once there are two. */
async function ticks(worlds: readonly TimerWorld[], from: number, to: number, more: object = {}): Promise<void> {
  for (const world of worlds) await world.ticks(at(from), at(to), { apartMs: APART_MS, ...more });
}

async function linesOf(world: TimerWorld): Promise<(Read & { data: LineEventData })[]> {
  const told = (await world.topic(TOPICS.compensations)) as (Read & { data: LineEventData })[];
  return told.filter(({ type }) => /^makegood\.(refund|credit)\.requested$/.test(type));
}

const settlementOf = (line: { data: LineEventData }, n: number): CloudEvent<unknown> => ({
  ...{
    specversion: '1.0',
    id: `paid-${n}`,
    source: 'bank',
    type: 'makegood.settlement.paid',
    subject: line.data.lineId,
  },
  ...{ time: formatInstant(at(90)) },
  data: { lineId: line.data.lineId, reference: `R-${n}`, paidAt: formatInstant(at(90)) },
});

/** Promises of every state: kept, missed, excused, late, open, unknown since a letter is undecided or a source was silent, held. */
async function live(): Promise<void> {
  await old.activate({ 'guarantees/trap.yaml': GUARANTEE, 'guarantees/held.yaml': HELD }, at(-60));
  await ticks([old], -2, 0);
  await old.facts(subjects.map(opening), at(1));
  // What cannot be understood is not heard; until somebody has looked at it, nothing of its subject is broken.
  await old.facts(
    of('doubtful').map(({ subject }) =>
      fact('trap.scan.voided', subject, at(3), { scan: 'not named as it should be' }),
    ),
    at(3),
  );
  await ticks([old], 1, 20);
  await old.facts(
    of('kept').map(({ subject }, i) => fact('trap.done', subject, at(20) + i)),
    at(20) + 500,
  );
  await ticks([old], 21, 33, { everyMs: 30_000 });
  // Nobody was there for a quarter of an hour: time stands still, and then goes on a minute later, in each shard by itself.
  await old.facts(
    of('late').map(({ subject }, i) => fact('trap.done', subject, at(34) + i)),
    at(49),
  );
  await ticks([old], 49, 52, { everyMs: 20_000 });
  await ticks([old], 53, 58);
  // The source falls silent and is back while promises are due.
  await ticks([old], 59, 75, { silent: [{ source: 'trap/scanner' }] });
  await ticks([old], 76, 80);
  await old.command(
    CONTROL_TYPES.disruptionDeclared,
    {
      ...{ disruptionId: 'flood', from: formatInstant(at(5)), to: formatInstant(at(25)), effect: 'excuse' },
      ...{ scope: 'facts.region in ["south"]', reason: 'flood', by: 'ana' },
    },
    at(80) + 100,
  );
  await ticks([old], 81, 90);
  await old.drained([...SERVICES]);
  const lines = await linesOf(old);
  for (const [n, line] of lines.entries())
    if (n % 2 === 0) await old.settlement(settlementOf(line, n), line.data.lineId, at(90));
  await ticks([old], 91, 92);
  await old.drained([...SERVICES]);
}

const copy = (onProgress: (topic: string, written: number) => void = () => undefined): Promise<CopiedTopic[]> =>
  copyLog({
    ...{ fromBrokers: old.brokers, toBrokers: renewed.brokers, shards: TO, isRehearsal: true },
    ...{ onTopic: () => undefined, onProgress },
  });

/** Rows of every kind; intake does not run in the old one, whose log the test writes. */
async function expectSameRows(): Promise<void> {
  const compared = await compareDatabases([old.databaseUrl], [renewed.databaseUrl]);
  const differing = compared.filter(({ what, differing }) => differing > 0 && what !== 'dead letters');
  expect(differing).toEqual([]);
  const rows = (what: string): number => compared.find((each: Compared) => each.what === what)?.new ?? 0;
  expect(rows('promises')).toBe(PROMISES);
  for (const what of ['lines', 'settlements', 'transfers', 'customers and scores'])
    expect(rows(what)).toBeGreaterThan(30);
}

it('a copy that was interrupted goes on, and once it is whole another attempt writes nothing', async () => {
  await live();
  let isCut = false;
  const cut = (topic: string): void => {
    if (topic !== TOPICS.promises) return;
    isCut = true;
    throw new Error('the machine went down');
  };
  await expect(copy(cut)).rejects.toThrow('the machine went down');
  expect(isCut).toBe(true);
  await copy();
  const again = await copy();
  expect(again.map(({ appended }) => appended)).toEqual(again.map(() => 0));
  const { read = 0, written = 0 } = again.find(({ topic }) => topic === TOPICS.compensations) ?? {};
  expect(read).toBeGreaterThan(100);
  expect(written).toBe(read);
  isCopied = true;
}, 120_000);

it('with six shards and empty databases everything is as it was with four: promises, lines, ledger, scores', async () => {
  expect(isCopied).toBe(true);
  for (const service of SERVICES) await renewed.start(service);
  await renewed.start('intake');
  await renewed.drained([...SERVICES]);
  await expectSameRows();
  expect(await compareTopics(old.brokers, renewed.brokers)).toMatchObject({ conflicts: [], missing: [] });
  const states = await Promise.all(
    KINDS.map(async (kind) => {
      const [one] = of(kind);
      const path = `/promises?subject=${one?.subject}`;
      const { promises } = await renewed.json<{ promises: { state: string }[] }>('sla-timer', path);
      return `${kind}: ${promises[0]?.state}`;
    }),
  );
  expect(states).toEqual([
    'kept: kept',
    'missed: breached',
    'open: open',
    'excused: excused',
    'late: completed-late',
    'doubtful: unknown',
    'unknown: breached',
    'held: breached',
  ]);
  isRead = true;
}, 180_000);

it('letters keep their names, and an empty intake sends no command a second time', async () => {
  expect(isRead).toBe(true);
  const lettersOf = async (world: TimerWorld): Promise<string[]> =>
    [...new Set((await world.topic(TOPICS.deadLetters)).map(({ id }) => id))].sort();
  expect(await lettersOf(renewed)).toEqual(await lettersOf(old));
  expect((await lettersOf(old)).length).toBe(of('doubtful').length);
  await until('intake to be ready', async () => (await renewed.http('intake', '/health/ready')).ok);
  const sets = (await renewed.topic(TOPICS.events)).filter(({ type }) => type === CONTROL_TYPES.guaranteesActivated);
  expect(sets).toHaveLength(TO);
  await renewed.kill('intake');
});

it('both go on alike: what was open breaks at its due, once; what is told again changes nothing', async () => {
  expect(isRead).toBe(true);
  const worlds = [old, renewed];
  const lines = await linesOf(old);
  const afterMs = (minutes: number): number => START_MS + 3 * DAY_MS + minutes * MINUTE_MS;
  const done = of('open').filter((_, i) => i % 2 === 0);
  const closing = done.map(({ subject }, i) => fact('trap.done', subject, afterMs(-60) + i));
  const minutes = 3 * 24 * 60;
  for (const world of worlds) {
    for (const [n, line] of lines.entries())
      if (n % 2 === 0) await world.settlement(settlementOf(line, n), line.data.lineId, at(95));
  }
  await ticks(worlds, 95, minutes - 30, { everyMs: HOUR_MS });
  for (const world of worlds) await world.facts(closing, afterMs(-20));
  await ticks(worlds, minutes - 19, minutes + 20);
  for (const world of worlds) await world.drained([...SERVICES]);
  await expectSameRows();
  // What is decided from now on is told by each at its own ticks; within one no id has two contents.
  expect(await compareTopics(renewed.brokers, renewed.brokers)).toMatchObject({ conflicts: [] });

  const about = (await renewed.topic(TOPICS.promises)) as unknown as Said[];
  for (const [i, { subject }] of of('open').entries()) {
    const breaches = about.filter((said) => said.subject === subject && said.type === 'makegood.promise.breached');
    expect([subject, breaches.map(({ data }) => data.decidedAt)]).toEqual([
      subject,
      i % 2 === 0 ? [] : [formatInstant(afterMs(5))],
    ]);
  }
  // Asked for once more than before the change: by the promises that were open then, and by no other.
  const asked = await linesOf(renewed);
  expect(new Set(asked.map(({ data }) => data.lineId)).size).toBe(asked.length);
  const settled = (await renewed.topic(TOPICS.compensations)).filter(
    ({ type }) => type === 'makegood.compensation.settled',
  );
  expect(settled.length).toBe(Math.ceil(lines.length / 2));
}, 180_000);
