import {
  LETTER_TYPE,
  SETTLEMENT_PREFIX,
  TICK_TYPE,
  TOPICS,
  type CloudEvent,
  type LineEvent,
  type PromiseEvent,
} from '#libs/contracts';
import { owed } from '#libs/remedy-engine';
import { promiseIdOf } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import { deadLetterIdOf } from '#libs/shard-log';
import type { Broker } from './broker.js';
import { checkClaims } from './check-claims.js';
import { CLAIMED } from './claim-terms.js';
import { checkHolding } from './check-holding.js';
import { checkDeadLetters, decisionTimes } from './check-letters.js';
import { checkIntake } from './check-intake.js';
import { checkLoyalty } from './check-loyalty.js';
import type { Defects } from './defects.js';
import type { Finance } from './finance.js';
import { SHARDS } from './services.js';
import { expectedOf } from './naive-oracle.js';
import { foldLog, GUARANTEES, type Folded } from './pure-fold.js';
import { returnedIn } from './returned.js';
import type { Operator } from './operator.js';
import type { Store } from './store.js';
import { WATCHED } from './tables.js';
import type { Upstream } from './upstream.js';
import { DAY_MS, PLAIN } from './terms.js';

const IN_BOTH_TABLES = `select subject from subject join settled_subject using (shard, subject)`;
/** So long an undecided dead letter holds a verdict, and the end of its correction. */
const LETTER_HOLDS_MS = 7 * DAY_MS;

export interface Evidence {
  readonly broker: Broker;
  readonly finance: Finance;
  readonly timer: Store;
  readonly money: Store;
  /** null: loyalty does not run in this seed. */
  readonly scores: Store | null;
  readonly hasIntake: boolean;
  readonly defects: Defects;
  readonly operator: Operator;
  readonly upstream: Upstream;
}

/** Everything docs/invariants.md says of a system at rest, one line for each breach of it. */
export async function violationsOf(evidence: Evidence): Promise<string[]> {
  const found: string[] = [];
  const folded: Folded = { announced: new Map(), refused: new Map() };
  for (let shard = 0; shard < SHARDS; shard++)
    foldLog(evidence.broker.recordsOf(TOPICS.events, shard), evidence.defects, folded);
  checkPromiseTopic(evidence, folded, found);
  checkPlainVerdicts(evidence, folded, found);
  checkDeadLetters(evidence, folded, found);
  checkLineTopic(evidence, found);
  checkNewestDecides(evidence, found);
  for (const { subject } of await evidence.timer.look<{ subject: string }>(IN_BOTH_TABLES))
    found.push(`subject-in-one-table: ${subject} is open and settled`);
  await checkHolding(evidence, folded, found);
  await checkClaims(evidence, folded, found);
  if (evidence.hasIntake) checkIntake(evidence, found);
  await checkLoyalty(evidence, folded, found);
  await checkBooks(evidence, folded, found);
  for (const store of [evidence.timer, evidence.money, ...(evidence.scores ? [evidence.scores] : [])]) {
    const back = await store.look<{ invariant: string }>(`select * from ${WATCHED}`);
    for (const { invariant, ...step } of back) found.push(`${invariant}: it went back: ${JSON.stringify(step)}`);
  }
  return found;
}

/** The same events as of a peaceful fold, numbered without gaps, first seen in order, each number one content. */
function checkPromiseTopic({ broker }: Evidence, { announced }: Folded, found: string[]): void {
  const told = new Map<string, string[]>();
  for (const { value } of broker.all(TOPICS.promises)) {
    const text = value.toString();
    const { type, data } = JSON.parse(text) as PromiseEvent;
    if (type === TICK_TYPE || type === LETTER_TYPE) continue;
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

function checkPlainVerdicts({ broker, defects }: Evidence, folded: Folded, found: string[]): void {
  const { announced } = folded;
  for (const subject of plainSubjects(broker, folded)) {
    const records = broker.recordsOf(TOPICS.events, subject.shard);
    const expected = expectedOf(subject.name, records, (record) => defects.isPoison(record));
    const last = announced.get(promiseIdOf(PLAIN.name, subject.name, ''))?.at(-1)?.data;
    if ((expected?.verdict ?? null) !== (last?.verdict ?? null))
      found.push(`order-is-nothing: ${subject.name}: ${last?.verdict}, should be ${expected?.verdict}`);
    if (last && last.state !== 'final') found.push(`liveness: ${subject.name} is ${last.state}, not final`);
  }
}

/** Of the plain guarantee, without those that a dead letter holds back longer than it may: how long is the engine's to say. */
function plainSubjects(broker: Broker, { refused }: Folded): { name: string; shard: number }[] {
  const subjects = new Map<string, number>();
  const heldBack = new Set<string | null>();
  const decidedMs = decisionTimes(broker);
  for (const record of broker.all(TOPICS.events)) {
    const { key, partition, offset, timestampMs } = record;
    if (key?.startsWith('plain-')) subjects.set(key, partition);
    if (!refused.has(`${partition}/${offset}`)) continue;
    const letterId = deadLetterIdOf('sla-timer', record);
    if ((decidedMs.get(letterId) ?? Infinity) > timestampMs + LETTER_HOLDS_MS) heldBack.add(key);
  }
  for (const key of heldBack) subjects.delete(key ?? '');
  return [...subjects].map(([name, shard]) => ({ name, shard }));
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

/** What is decided about a line later is decided by no older verdict. */
function checkNewestDecides({ broker }: Evidence, found: string[]): void {
  const steps = new Map<string, number[]>();
  for (const { value } of broker.all(TOPICS.compensations)) {
    const { data, promisesequence } = JSON.parse(value.toString()) as LineEvent & { promisesequence?: number };
    if (promisesequence === undefined) continue;
    const ofLine = steps.get(data.lineId) ?? [];
    steps.set(data.lineId, ofLine);
    ofLine[data.lineSequence] = promisesequence;
  }
  for (const [lineId, verdicts] of steps) {
    const told = verdicts.filter((sequence) => sequence !== undefined); // not every step is told
    const older = told.findIndex((sequence, i) => sequence < (told[i - 1] ?? 0));
    if (older > 0)
      found.push(
        `entitlement-is-net: line ${lineId} changes by verdict ${told[older]} after verdict ${told[older - 1]}`,
      );
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

async function checkBooks(
  { broker, finance, money, defects, operator }: Evidence,
  folded: Folded,
  found: string[],
): Promise<void> {
  const naive = new Set(plainSubjects(broker, folded).map(({ name }) => name));
  const returned = returnedIn(broker);
  const lines = await money.look<LineRow>(LINES);
  const standing = new Map<string, number>();
  for (const { promiseId, standing: minor } of lines) standing.set(promiseId, (standing.get(promiseId) ?? 0) + minor);
  for (const [promiseId, events] of folded.announced) {
    const data = events.at(-1)?.data;
    const guarantee = GUARANTEES.find(({ name }) => name === data?.guarantee);
    if (!data || !guarantee || guarantee.name === CLAIMED.guarantee) continue;
    const back = returned.get(data.subject) ?? 0;
    const wanted = owed(guarantee, data, { claim: null, returned: { postage: back } } as never);
    const remedies = (Array.isArray(wanted) ? wanted : wanted.lines) as readonly { amountMinor: number }[];
    const owedMinor = remedies.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    if (owedMinor !== (standing.get(promiseId) ?? 0))
      found.push(`entitlement-is-net: ${data.subject}: lines of ${standing.get(promiseId) ?? 0}, owed ${owedMinor}`);
    const isLost = (record: LogRecord): boolean => defects.isPoison(record);
    const plain = naive.has(data.subject) ? expectedOf(data.subject, broker.all(TOPICS.events), isLost) : null;
    const net = plain && Math.max(0, plain.owedMinor - back);
    if (net !== null && net !== owedMinor)
      found.push(`entitlement-is-net: ${data.subject}: owed ${owedMinor}, should be ${net}`);
  }
  const discarded = operator.discardedLines();
  for (const { lineId, paid } of lines) {
    const left = discarded.has(lineId) ? operator.bookableMinor(lineId) : (finance.paidMinor.get(lineId) ?? 0);
    if (left === null) continue;
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
