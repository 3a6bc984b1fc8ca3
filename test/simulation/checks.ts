import {
  SETTLEMENT_PREFIX,
  TICK_TYPE,
  TOPICS,
  type CloudEvent,
  type DeadLetterEvent,
  type LineEvent,
  type PromiseEvent,
  type SettlementEvent,
} from '#libs/contracts';
import { owed } from '#libs/remedy-engine';
import { promiseIdOf } from '#libs/kernel';
import type { Broker } from './broker.js';
import type { Finance } from './finance.js';
import { SHARDS } from './host.js';
import { expectedOf } from './naive-oracle.js';
import { foldLog, GUARANTEES, type Folded } from './pure-fold.js';
import type { Store } from './store.js';
import { APPROVAL, PLAIN } from './terms.js';

export interface Evidence {
  readonly broker: Broker;
  readonly finance: Finance;
  readonly timer: Store;
  readonly money: Store;
}

/** Everything docs/invariants.md says of a system at rest, one line for each breach of it. */
export async function violationsOf(evidence: Evidence): Promise<string[]> {
  const found: string[] = [];
  const folded: Folded = { announced: new Map(), refused: new Map() };
  for (let shard = 0; shard < SHARDS; shard++) foldLog(evidence.broker.recordsOf(TOPICS.events, shard), folded);
  checkPromiseTopic(evidence, folded, found);
  checkPlainVerdicts(evidence, folded, found);
  checkDeadLetters(evidence, folded, found);
  checkLineTopic(evidence, found);
  checkApprovals(evidence, found);
  await checkBooks(evidence, folded, found);
  for (const store of [evidence.timer, evidence.money]) {
    for (const row of await store.look('select * from simulation_offset')) {
      found.push(`offset-is-state: an offset or epoch went back: ${JSON.stringify(row)}`);
    }
  }
  return found;
}

/** The same events as of a peaceful fold, numbered without gaps, first seen in order, each number one content. */
function checkPromiseTopic({ broker }: Evidence, { announced }: Folded, found: string[]): void {
  const told = new Map<string, string[]>();
  for (const { value } of broker.all(TOPICS.promises)) {
    const text = value.toString();
    const { type, data } = JSON.parse(text) as PromiseEvent;
    if (type === TICK_TYPE) continue;
    const texts = told.get(data.promiseId) ?? [];
    told.set(data.promiseId, texts);
    const before = texts[data.sequence - 1];
    if (before !== undefined && before !== text) {
      found.push(`sequence-is-gapless: ${data.subject} ${data.sequence} was told with two contents`);
    }
    if (before === undefined && data.sequence !== texts.length + 1) {
      found.push(`sequence-is-gapless: ${data.subject} told ${data.sequence} after ${texts.length}`);
    }
    texts[data.sequence - 1] = text;
  }
  for (const [promiseId, events] of announced) {
    const texts = told.get(promiseId) ?? [];
    const subject = events[0]?.data.subject;
    if (texts.length !== events.length)
      found.push(`same-log-same-events: ${subject}: told ${texts.length}, the engine says ${events.length}`);
    events.forEach(({ kind, data }, i) => {
      const text = texts[i];
      if (text === undefined) return;
      const event = JSON.parse(text) as PromiseEvent;
      const said = JSON.stringify([event.type, { ...event.data, explanation: [], reasons: [] }]);
      const wanted = JSON.stringify([`makegood.promise.${kind}`, { ...data, explanation: [], reasons: [] }]);
      if (said !== wanted) found.push(`same-log-same-events: ${subject} ${i + 1}: ${said}\n      wanted ${wanted}`);
    });
  }
  for (const promiseId of told.keys())
    if (!announced.has(promiseId)) found.push(`same-log-same-events: promise ${promiseId} should not be there`);
}

function checkPlainVerdicts({ broker }: Evidence, folded: Folded, found: string[]): void {
  const { announced } = folded;
  for (const subject of plainSubjects(broker, folded)) {
    const expected = expectedOf(subject.name, broker.recordsOf(TOPICS.events, subject.shard));
    const last = announced.get(promiseIdOf(PLAIN.name, subject.name, ''))?.at(-1)?.data;
    if ((expected?.verdict ?? null) !== (last?.verdict ?? null))
      found.push(`order-is-nothing: ${subject.name}: ${last?.verdict}, should be ${expected?.verdict}`);
    if (last && last.state !== 'final') found.push(`liveness: ${subject.name} is ${last.state}, not final`);
  }
}

/** Of the plain guarantee, without those that a dead letter holds back: how long is the engine's to say. */
function plainSubjects(broker: Broker, { refused }: Folded): { name: string; shard: number }[] {
  const subjects = new Map<string, number>();
  const heldBack = new Set<string | null>();
  for (const { key, partition, offset } of broker.all(TOPICS.events)) {
    if (key?.startsWith('plain-')) subjects.set(key, partition);
    if (refused.has(`${partition}/${offset}`)) heldBack.add(key);
  }
  for (const key of heldBack) subjects.delete(key ?? '');
  return [...subjects].map(([name, shard]) => ({ name, shard }));
}

/** Each letter is one that must be written; none that must be is missing. */
function checkDeadLetters({ broker, finance }: Evidence, folded: Folded, found: string[]): void {
  const refused = new Map(folded.refused);
  const letters = new Map<string, string>();
  const slips = new Set(finance.slips);
  for (const { value } of broker.all(TOPICS.deadLetters)) {
    const { id, data } = JSON.parse(value.toString()) as DeadLetterEvent;
    const before = letters.get(id);
    letters.set(id, value.toString());
    if (before !== undefined && before !== value.toString())
      found.push(`poison-stands-alone: letter ${id} has two contents`);
    if (before !== undefined) continue;
    const place = `${data.partition}/${data.offset}`;
    if (data.topic === TOPICS.events) {
      if (refused.get(place) !== data.reason)
        found.push(`poison-stands-alone: ${data.topic}/${place} is a dead letter: ${data.reason} ${data.detail}`);
      refused.delete(place);
    } else if (data.reason === 'CONFLICTING_SETTLEMENT') {
      const { lineId } = (JSON.parse(data.original) as SettlementEvent).data;
      if (!finance.slips.has(lineId))
        found.push(`moved-money-is-booked: a repetition is a dead letter: ${data.original}`);
      slips.delete(lineId);
    } else if (data.reason !== 'SETTLEMENT_UNKNOWN_LINE') {
      found.push(`outage-is-no-poison: ${data.topic}/${place} is a dead letter: ${data.reason} ${data.detail}`);
    } else if (!data.original.includes('R-nobody')) {
      found.push(`moved-money-is-booked: the settlement ${data.original} found no line`);
    }
  }
  for (const lineId of slips)
    found.push(`conflict-is-told: line ${lineId} was paid with two amounts, without a letter`);
  for (const [place, reason] of refused) found.push(`conflict-is-told: ${place} should be a dead letter: ${reason}`);
}

/** What finance sees: one content a key, and each number of a line one content. */
function checkLineTopic({ broker }: Evidence, found: string[]): void {
  const contents = new Map<string, string>();
  const requested = new Map<string, string>();
  for (const { value } of broker.all(TOPICS.compensations)) {
    const text = value.toString();
    const { type, id, data } = JSON.parse(text) as LineEvent;
    for (const [map, key] of [
      [contents, id],
      ...(type.endsWith('.requested') ? [[requested, data.idempotencyKey] as const] : []),
    ] as const) {
      const before = map.get(key);
      if (before !== undefined && before !== text)
        found.push(`line-once: ${key} has two contents:\n      ${before}\n      ${text}`);
      map.set(key, text);
    }
  }
}

/** Above its limits a line is held, and asked for only once so many people have approved it. */
function checkApprovals({ broker }: Evidence, found: string[]): void {
  const approvers = new Map<string, Set<string>>();
  const held = new Set<string>();
  for (const { value } of broker.all(TOPICS.compensations)) {
    const { type, data } = JSON.parse(value.toString()) as LineEvent;
    const { lineId, amount, guarantee } = data;
    if (type.endsWith('.held')) held.add(lineId);
    const by = approvers.get(lineId) ?? new Set();
    if (type.endsWith('.approved')) approvers.set(lineId, by.add(String(data.by)));
    const minor = amount?.amountMinor ?? 0;
    if (!type.endsWith('.requested') || guarantee !== APPROVAL.guarantee || minor <= APPROVAL.aboveMinor) continue;
    const needed = minor > APPROVAL.secondAboveMinor ? 2 : 1;
    if (!held.has(lineId) || by.size < needed)
      found.push(`held-is-silent: line ${lineId} over ${minor} is asked for, approved by ${[...by].join(', ')}`);
  }
}

interface LineRow {
  readonly lineId: string;
  readonly promiseId: string;
  readonly state: string;
  readonly standing: number;
  readonly paid: number;
  readonly absorbed: number;
}

const LINES = `
select line_id as "lineId", promise_id as "promiseId", state, amount_minor - cancelled_minor - reversed_minor as standing,
  paid_minor as paid, absorbed_minor as absorbed
from line where currency is not null`;
const BALANCES = `
select split_part(account, ':', 1) as account, sum(amount_minor)::bigint as balance from ledger_entry group by 1`;
const UNBALANCED = `
select transfer_id from ledger_entry group by transfer_id, currency having sum(amount_minor) <> 0`;

async function checkBooks({ broker, finance, money }: Evidence, folded: Folded, found: string[]): Promise<void> {
  const naive = new Set(plainSubjects(broker, folded).map(({ name }) => name));
  const lines = await money.look<LineRow>(LINES);
  const standing = new Map<string, number>();
  for (const { promiseId, standing: minor } of lines) standing.set(promiseId, (standing.get(promiseId) ?? 0) + minor);
  for (const [promiseId, events] of folded.announced) {
    const data = events.at(-1)?.data;
    const guarantee = GUARANTEES.find(({ name }) => name === data?.guarantee);
    if (!data || !guarantee) continue;
    const wanted = owed(guarantee, data, { claim: null, returned: {} } as never);
    const remedies = (Array.isArray(wanted) ? wanted : wanted.lines) as readonly { amountMinor: number }[];
    const owedMinor = remedies.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    if (owedMinor !== (standing.get(promiseId) ?? 0))
      found.push(`entitlement-is-net: ${data.subject}: lines of ${standing.get(promiseId) ?? 0}, owed ${owedMinor}`);
    const plain = naive.has(data.subject) ? expectedOf(data.subject, broker.all(TOPICS.events)) : null;
    if (plain && plain.owedMinor !== owedMinor)
      found.push(`entitlement-is-net: ${data.subject}: owed ${owedMinor}, should be ${plain.owedMinor}`);
  }
  for (const { lineId, paid } of lines) {
    const left = finance.paidMinor.get(lineId) ?? 0;
    if (paid !== left) found.push(`moved-money-is-booked: line ${lineId}: ${left} left the till, booked are ${paid}`);
  }
  const asked = lines.filter(({ state }) => state !== 'held' && state !== 'rejected');
  const sum = (pick: (line: LineRow) => number): number => asked.reduce((total, line) => total + pick(line), 0);
  const balances = new Map(
    (await money.look<{ account: string; balance: number }>(BALANCES)).map(({ account, balance }) => [
      account,
      balance,
    ]),
  );
  const books: [string, number][] = [
    ['paid', -sum(({ paid }) => paid)],
    ['expense', sum(({ standing: minor }) => minor)],
    ['false-breach', sum(({ absorbed }) => absorbed)],
    ['payable', -sum(({ standing: minor, paid, absorbed }) => minor - paid + absorbed)],
  ];
  for (const [account, wanted] of books)
    if ((balances.get(account) ?? 0) !== wanted)
      found.push(`balance-is-entries: ${account} stands at ${balances.get(account) ?? 0}, the lines say ${wanted}`);
  for (const row of await money.look(UNBALANCED)) found.push(`transfer-is-zero: ${JSON.stringify(row)}`);
}

/** For the counts that are printed. */
export function settlementsIn(broker: Broker): number {
  return broker
    .all(TOPICS.settlements)
    .filter(({ value }) => (JSON.parse(value.toString()) as CloudEvent).type.startsWith(SETTLEMENT_PREFIX)).length;
}
