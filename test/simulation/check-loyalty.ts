import { SOURCES, TOPICS, type CloudEvent, type LoyaltyEvent } from '#libs/contracts';
import { daysFromMs, score } from '#libs/loyalty-model';
import { SAMPLE_SIGNALS } from '../../apps/loyalty/src/apply-log/events-for-tests.js';
import { readNews } from '../../apps/loyalty/src/apply-log/read-news.js';
import { EMPTY_DOCUMENT, type CustomerDocument } from '../../apps/loyalty/src/customer-document/document.js';
import { joined } from '../../apps/loyalty/src/customer-document/join.js';
import { eventsOfDocument } from '../../apps/loyalty/src/customer-document/model-events.js';
import type { Broker } from './broker.js';
import type { Evidence } from './checks.js';
import type { Folded } from './pure-fold.js';

interface Row {
  readonly customer: string;
  readonly score: number;
  readonly asOfMs: number;
  readonly mergedInto: string | null;
  readonly document: CustomerDocument;
  readonly kept: number;
  readonly missed: number;
  readonly excused: number;
  readonly cancelled: number;
}

const ROWS = `
select customer, score, as_of_ms as "asOfMs", merged_into as "mergedInto", document, promises_kept as kept, promises_missed as missed,
  promises_excused as excused, promises_cancelled as cancelled from customer order by customer`;

/** Every customer is what the pure model makes of the same log read once in peace; what was told of them was told once. */
export async function checkLoyalty({ broker, scores }: Evidence, folded: Folded, found: string[]): Promise<void> {
  if (scores === null) return;
  const { documents, mergedInto } = readInPeace(broker);
  const rows = new Map((await scores.look<Row>(ROWS)).map((row) => [row.customer, row]));
  for (const [customer, into] of mergedInto) {
    const told = rows.get(customer)?.mergedInto ?? null;
    if (told !== into) found.push(`merge-is-the-union: ${customer} is closed for ${told}, not ${into}`);
  }
  const verdicts = verdictsOf(folded, mergedInto);
  const told = signalsOf(broker, mergedInto);
  for (const [customer, document] of documents) {
    const row = rows.get(customer);
    if (!row) {
      found.push(`score-is-its-facts: nothing is known of ${customer}`);
      continue;
    }
    for (const part of ['promises', 'signals', 'settlements', 'profile'] as const) {
      const [is, wanted] = [textOf(row.document[part]), textOf(document[part])];
      if (is !== wanted) found.push(`score-is-its-facts: ${part} of ${customer}: ${is}\n      wanted ${wanted}`);
    }
    const { score: wanted } = score(eventsOfDocument(document, SAMPLE_SIGNALS.settings), daysFromMs(row.asOfMs));
    if (row.score !== wanted) found.push(`score-is-its-facts: ${customer} has ${row.score}, the model says ${wanted}`);
    const signals = Object.keys(row.document.signals).length;
    if (signals !== (told.get(customer)?.size ?? 0))
      found.push(`score-is-its-facts: ${customer}: ${signals} signals, told were ${told.get(customer)?.size ?? 0}`);
    for (const name of ['kept', 'missed', 'excused', 'cancelled'] as const) {
      const count = verdicts.get(`${customer} ${name}`) ?? 0;
      if (row[name] !== count) found.push(`score-is-its-facts: ${customer}: ${row[name]} ${name}, by the log ${count}`);
    }
  }
  checkTold(broker, found);
}

interface Peace {
  readonly documents: Map<string, CustomerDocument>;
  readonly mergedInto: Map<string, string>;
}

/** What is known of customers, those who were merged with whom they turned out to be. */
function readInPeace(broker: Broker): Peace {
  const documents = new Map<string, CustomerDocument>();
  const mergedInto = new Map<string, string>();
  for (const record of [TOPICS.promises, TOPICS.compensations, TOPICS.signals].flatMap((topic) => broker.all(topic))) {
    if ((JSON.parse(record.value.toString()) as CloudEvent).source === SOURCES.loyalty) continue;
    const reading = readNews(record, SAMPLE_SIGNALS);
    if (reading.kind === 'merged') mergedInto.set(reading.from, reading.customer);
    if (reading.kind !== 'news') continue;
    const { customer, part } = reading;
    const known = documents.get(customer) ?? EMPTY_DOCUMENT;
    const after = joined(known, part);
    if (after !== known) documents.set(customer, after);
  }
  for (const customer of mergedInto.keys()) {
    const document = documents.get(customer);
    documents.delete(customer);
    const into = rootOf(customer, mergedInto);
    if (document) documents.set(into, joined(documents.get(into) ?? EMPTY_DOCUMENT, document));
  }
  return { documents, mergedInto };
}

function rootOf(customer: string, mergedInto: ReadonlyMap<string, string>): string {
  const into = mergedInto.get(customer);
  return into === undefined ? customer : rootOf(into, mergedInto);
}

/** Ids of what was told of each customer: a copy is nothing new, and an update of the profile no signal to the model. */
function signalsOf(broker: Broker, mergedInto: ReadonlyMap<string, string>): Map<string, Set<string>> {
  const told = new Map<string, Set<string>>();
  for (const { value } of broker.all(TOPICS.signals)) {
    const { id, source, type, data } = JSON.parse(value.toString()) as CloudEvent;
    if (source === SOURCES.loyalty || !/^customer\.(purchased|feedback|complained|contacted)$/.test(type)) continue;
    const customer = rootOf(String(data['customer']), mergedInto);
    told.set(customer, (told.get(customer) ?? new Set()).add(id));
  }
  return told;
}

/** How often each verdict stands for a customer, by the pure engine. */
function verdictsOf({ announced }: Folded, mergedInto: ReadonlyMap<string, string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const events of announced.values()) {
    const last = events.at(-1)?.data;
    if (!last) continue;
    const name = `${rootOf(last.customer, mergedInto)} ${last.verdict === 'breached' ? 'missed' : last.verdict}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Each id has one content, and each move starts where the one before it has ended. */
function checkTold(broker: Broker, found: string[]): void {
  const contents = new Map<string, string>();
  const scores = new Map<string, number>();
  for (const { value } of broker.all(TOPICS.loyalty)) {
    const text = value.toString();
    const { id, type, data } = JSON.parse(text) as LoyaltyEvent;
    const before = contents.get(id);
    contents.set(id, text);
    if (before !== undefined) {
      if (before !== text) found.push(`told-once: ${id} has two contents:\n      ${before}\n      ${text}`);
      continue;
    }
    if (!type.endsWith('.score-changed')) continue;
    const ended = scores.get(data.customer);
    if (ended !== undefined && data.previous !== ended)
      found.push(`told-once: ${data.customer} moves from ${data.previous}, the last move ended at ${ended}: ${text}`);
    scores.set(data.customer, data.score);
  }
}

/** Whatever the order in which it was learned. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
