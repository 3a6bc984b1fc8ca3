import { TOPICS, type CompensationNoticeData, type LineEventData } from '#libs/contracts';
import type { Broker } from './broker.js';
import type { Evidence } from './checks.js';
import { WAVE } from './held-terms.js';
import type { Folded } from './pure-fold.js';
import { OPERATIONS, TEN_MINUTES_MS } from './releaser.js';
import { APPROVAL, DAY_MS, HOUR_MS } from './terms.js';

/** A line of money as everybody can read it on the topic. */
interface LineStory {
  readonly lineId: string;
  readonly guarantee: string;
  readonly promiseId: string;
  readonly minor: number;
  /** null: it was asked for at once. */
  readonly heldFor: readonly string[] | null;
  readonly peopleNeeded: number;
  readonly people: Set<string>;
  readonly requests: Set<number>;
  isReleased: boolean;
  isOver: boolean;
}

type Told = { readonly type: string; readonly data: LineEventData & CompensationNoticeData };

/** What held lines must be: silent until enough people have let them go, asked for then, once; and within their bounds if nobody has. */
export async function checkHolding(evidence: Evidence, folded: Folded, found: string[]): Promise<void> {
  const stories = storiesOf(evidence.broker);
  for (const story of stories.values()) checkRelease(story, found);
  await checkLetGo(evidence, stories, found);
  await checkBreaker(evidence, folded, stories, found);
  await checkBudgets(evidence, stories, found);
}

function storiesOf(broker: Broker): Map<string, LineStory> {
  const stories = new Map<string, LineStory>();
  for (const { value } of broker.all(TOPICS.compensations)) {
    const { type, data } = JSON.parse(value.toString()) as Told;
    const substance = type.endsWith('.requested') ? data : data.line;
    if (substance?.amount && !stories.has(data.lineId)) {
      stories.set(data.lineId, {
        ...{ lineId: data.lineId, guarantee: substance.guarantee, promiseId: substance.promiseId },
        ...{ minor: substance.amount.amountMinor, peopleNeeded: data.line?.approvalsNeeded ?? 1 },
        heldFor: type.endsWith('.held') ? (data.reason ?? '').split(', ') : null,
        ...{ people: new Set(), requests: new Set(), isReleased: false, isOver: false },
      });
    }
    const story = stories.get(data.lineId);
    if (!story) continue;
    if (type.endsWith('.requested')) story.requests.add(data.lineSequence);
    if (type.endsWith('.approved') && data.by?.startsWith(OPERATIONS)) story.isReleased = true;
    else if (type.endsWith('.approved') && data.by !== undefined) story.people.add(data.by);
    if (/\.(rejected|cancelled|settled)$/.test(type)) story.isOver = true;
  }
  return stories;
}

function mayGo({ heldFor, people, peopleNeeded, isReleased }: LineStory): boolean {
  if (heldFor === null || people.size >= peopleNeeded) return true;
  return isReleased && heldFor.every((reason) => reason === 'breaker');
}

function checkRelease(story: LineStory, found: string[]): void {
  const { lineId, guarantee, minor, heldFor, people, requests } = story;
  const limits = guarantee === APPROVAL.guarantee ? APPROVAL : guarantee === WAVE.guarantee ? WAVE : null;
  const isAbove = limits !== null && minor > limits.aboveMinor;
  if (isAbove && !heldFor?.includes('approval'))
    found.push(`held-is-silent: line ${lineId} over ${minor} is not held for an approval`);
  if (isAbove && minor > limits.secondAboveMinor && story.peopleNeeded !== 2)
    found.push(`held-is-silent: line ${lineId} over ${minor} needs ${story.peopleNeeded} people`);
  if (requests.size > 0 && !mayGo(story))
    found.push(
      `held-is-silent: line ${lineId}, held for ${heldFor?.join(', ')}, is asked for; approved by ${[...people].join(', ') || 'nobody'}`,
    );
  if (requests.size > 1) found.push(`line-once: line ${lineId} is asked for as ${[...requests].join(' and ')}`);
}

/** What enough people have approved is asked for, unless it was over before. */
async function checkLetGo({ money }: Evidence, stories: Map<string, LineStory>, found: string[]): Promise<void> {
  for (const { lineId } of await money.look<{ lineId: string }>(
    `select line_id as "lineId" from line where state = 'held'`,
  )) {
    const story = stories.get(lineId);
    if (story && !story.isOver && mayGo(story)) found.push(`liveness: line ${lineId} is approved and still held`);
  }
}

/** Each breach is counted once, and of ten minutes' breaches in a region no more than the limit leave by themselves. */
async function checkBreaker(
  { money }: Evidence,
  { announced }: Folded,
  stories: Map<string, LineStory>,
  found: string[],
): Promise<void> {
  const breaches = new Map<string, string[]>();
  for (const [promiseId, events] of announced) {
    const breach = events.find(({ kind }) => kind === 'breached')?.data;
    if (breach?.guarantee !== WAVE.guarantee) continue;
    const bucketMs = Math.floor(Date.parse(breach.decidedAt) / TEN_MINUTES_MS) * TEN_MINUTES_MS;
    const bucket = `${String(breach.facts['region'] ?? '')}@${bucketMs}`;
    breaches.set(bucket, [...(breaches.get(bucket) ?? []), promiseId]);
  }
  const rows = await money.look<{ bucket: string; counted: number }>(
    `select region || '@' || bucket_ms as bucket, breaches as counted from breach_count`,
  );
  const counted = new Map(rows.map((row) => [row.bucket, row.counted]));
  for (const bucket of new Set([...breaches.keys(), ...counted.keys()])) {
    const wanted = breaches.get(bucket)?.length ?? 0;
    if ((counted.get(bucket) ?? 0) !== wanted)
      found.push(`wave-is-held: ${counted.get(bucket) ?? 0} breaches counted in ${bucket}, there were ${wanted}`);
  }
  const first = new Set(
    [...Map.groupBy(stories.values(), ({ promiseId }) => promiseId).values()].map(([story]) => story),
  );
  const freed = new Set([...first].flatMap((story) => (story?.heldFor === null ? [story.promiseId] : [])));
  for (const [bucket, promiseIds] of breaches) {
    const free = promiseIds.filter((promiseId) => freed.has(promiseId)).length;
    if (free > WAVE.breachesMax) found.push(`wave-is-held: of ${promiseIds.length} breaches in ${bucket} ${free} left`);
  }
}

interface UseRow {
  readonly lineId: string;
  readonly beneficiary: string;
  readonly issuedAtMs: number;
  readonly minor: number;
}

const USES = `
select line_id as "lineId", beneficiary, issued_at_ms as "issuedAtMs", amount_minor - cancelled_minor as minor
from line join entitlement using (promise_id) where guarantee = '${WAVE.guarantee}' and state not in ('held', 'rejected')`;
const PURSES = `select period || ' ' || customer as purse, used_minor as minor from budget_use`;
/** Berlin until the end of March; the log begins on the Monday of the tenth week. */
const WINTER_MS = HOUR_MS;
const TENTH_WEEK_MS = Date.UTC(2026, 2, 2);

/** Each purse says what its lines say, and what left it by itself is within its limit. */
async function checkBudgets({ money }: Evidence, stories: Map<string, LineStory>, found: string[]): Promise<void> {
  const used = new Map<string, number>();
  const free = new Map<string, number>();
  const add = (to: Map<string, number>, purse: string, minor: number): void =>
    void to.set(purse, (to.get(purse) ?? 0) + minor);
  for (const { lineId, beneficiary, issuedAtMs, minor } of await money.look<UseRow>(USES)) {
    const localMs = issuedAtMs + WINTER_MS;
    const week = `2026-W${10 + Math.floor((localMs - TENTH_WEEK_MS) / (7 * DAY_MS))} `;
    const day = `${new Date(localMs).toISOString().slice(0, 10)} ${beneficiary}`;
    for (const purse of [week, day]) {
      add(used, purse, minor);
      if (stories.get(lineId)?.heldFor === null) add(free, purse, minor);
    }
  }
  const rows = await money.look<{ purse: string; minor: number }>(PURSES);
  const booked = new Map(rows.map(({ purse, minor }) => [purse, minor]));
  for (const purse of new Set([...used.keys(), ...booked.keys()])) {
    if ((booked.get(purse) ?? 0) !== (used.get(purse) ?? 0))
      found.push(
        `budget-is-a-bound: purse ${purse} is said to have spent ${booked.get(purse) ?? 0}, its lines ${used.get(purse) ?? 0}`,
      );
    const limit = purse.endsWith(' ') ? WAVE.budgetMinor : WAVE.budgetPerCustomerMinor;
    if ((free.get(purse) ?? 0) > limit)
      found.push(`budget-is-a-bound: ${free.get(purse)} left purse ${purse} by itself, its limit is ${limit}`);
  }
}
