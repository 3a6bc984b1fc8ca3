import { encodeCloudEvent, partitionOf, TOPICS } from '#libs/contracts';
import { formatInstant, promiseIdOf } from '#libs/kernel';
import type { Random } from '../seeded/random.js';
import { CLAIMED } from './claim-terms.js';
import { returnedMoney } from './returned.js';
import { SHARDS } from './services.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, START_MS } from './terms.js';
import type { Step, Told } from './workload.js';

/** Berlin until the end of March. */
const WINTER_MS = HOUR_MS;

/** The last millisecond of the local day after that of due. */
export function lastClaimMs(dueMs: number): number {
  const day = Math.floor((dueMs + WINTER_MS) / DAY_MS);
  return (day + CLAIMED.withinDays + 1) * DAY_MS - WINTER_MS - 1;
}

/** A bag and whoever asks for its fee: not at all, before the miss, in time to the millisecond, too late, several times. */
export interface Bag {
  readonly subject: string;
  readonly told: readonly Told[];
  readonly order: string;
  /** What is asked for, and what others have given back already. */
  readonly more: readonly Step[];
}

export function bags(random: Random): Bag[] {
  const bags: Bag[] = [];
  for (let n = random.int(6, 14); n > 0; n--) {
    const order = random.chance(0.4) ? bags.at(-1)?.order : undefined; // several of one order
    bags.push(bag(random, n, order ?? `O-${n}`));
  }
  return bags;
}

function bag(random: Random, n: number, order: string): Bag {
  const subject = `bag-${n}`;
  const openMs = START_MS + random.int(1, 30 * 60) * MINUTE_MS;
  const dueMs = openMs + random.int(20, 600) * MINUTE_MS;
  const customer = `C-${random.int(1, 12)}`;
  const fee = { amountMinor: random.int(100, 2_000), currency: 'EUR' };
  const data = { customer, fee, order, promisedAt: formatInstant(dueMs) };
  const told: Told[] = [{ type: 'bag.accepted', occurredMs: openMs, receivedMs: openMs, data }];
  const made = (occurredMs: number, receivedMs: number): void =>
    void told.push({ type: 'bag.made', occurredMs, receivedMs });
  // Others give money back at about the time at which it is asked for: who of the two is read first is chance.
  const isGivenBack = random.chance(0.6);
  const end =
    isGivenBack && random.chance(0.7)
      ? 'never'
      : random.pick(['in-time', 'late', 'late-news', 'never', 'never', 'never'] as const);
  if (end === 'in-time') made(dueMs - MINUTE_MS, dueMs);
  if (end === 'late') made(dueMs + HOUR_MS, dueMs + random.int(1, 5) * HOUR_MS);
  if (end === 'late-news') made(dueMs - MINUTE_MS, dueMs + random.int(1, 23) * HOUR_MS);
  const claims: Step[] = [];
  const isAtTheEdge = random.chance(0.25); // the only one, at the last moment or one too late
  for (let i = isAtTheEdge ? 1 : random.pick([0, 1, 1, 2, 3]); i > 0; i--) {
    const lastMs = lastClaimMs(dueMs);
    const soonMs = isGivenBack && random.chance(0.6) ? random.int(dueMs + 30 * MINUTE_MS, lastMs) : null;
    const anyMs =
      soonMs ??
      random.pick([
        openMs - random.int(1, 60) * MINUTE_MS,
        random.int(openMs, dueMs),
        random.int(dueMs, lastMs),
        random.int(dueMs, lastMs),
        lastMs,
        lastMs + 1,
        lastMs + random.int(1, 1_000) * MINUTE_MS,
      ]);
    const atMs = isAtTheEdge ? lastMs + random.int(0, 1) : anyMs;
    const step = claimStep({ n, i, order, atMs, claimant: random.pick([customer, customer, `friend-${n}`]) }, random);
    claims.push(step);
    if (random.chance(0.2)) claims.push({ ...step, atMs: step.atMs + random.int(0, 6 * HOUR_MS) });
  }
  const returned = isGivenBack
    ? returnedMoney(random, {
        family: subject,
        about: random.pick([{ subject }, { group: order }, { group: order }, { group: order }]),
        ...{ base: 'fee', minor: fee.amountMinor },
        nearMs: claims[0]?.atMs ?? dueMs,
      })
    : [];
  return { subject, order, told, more: [...claims, ...returned] };
}

/** Named by its subject, its promise or its order; told when it was made, or somewhat later. */
function claimStep(
  {
    n,
    i,
    order,
    atMs,
    claimant,
  }: {
    readonly n: number;
    readonly i: number;
    readonly order: string;
    readonly atMs: number;
    readonly claimant: string;
  },
  random: Random,
): Step {
  const subject = `bag-${n}`;
  const promise = promiseIdOf(CLAIMED.guarantee, subject, '');
  // Seldom by the order: money is given back by it, and then the two lie in two shards more often than in one.
  const about = random.pick([{ subject }, { subject }, { promise }, { promise }, { refs: { order } }]);
  const key = 'refs' in about ? about.refs.order : subject;
  const value = encodeCloudEvent({
    specversion: '1.0',
    id: `claim-${n}-${i}`,
    source: 'urn:simulation',
    type: 'claim.filed',
    subject: key,
    time: formatInstant(atMs),
    data: { ...about, claimant, at: formatInstant(atMs) },
  });
  return {
    atMs: Math.max(START_MS + 1, atMs + random.pick([0, 0, 10, 300]) * MINUTE_MS),
    record: { topic: TOPICS.settlements, partition: partitionOf(key, SHARDS), key, value },
  };
}
