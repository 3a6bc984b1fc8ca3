import { encodeCloudEvent, partitionOf, TOPICS, type CloudEvent } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { Random } from '../seeded/random.js';
import type { Broker } from './broker.js';
import { SHARDS } from './services.js';
import { HOUR_MS, MINUTE_MS, START_MS } from './terms.js';
import type { Step } from './workload.js';

type About = { readonly subject: string } | { readonly group: string };

interface Paid {
  /** Of the events' ids. */
  readonly family: string;
  /** About the one, or about all of a group: then it lies in the shard of the group's name. */
  readonly about: About;
  readonly base: string;
  /** What was paid for the base, in minor units. */
  readonly minor: number;
  /** It is given back about then. */
  readonly nearMs: number;
}

/** Others give back what was paid: some of it or all, at once or in two parts; each of it may be told twice. */
export function returnedMoney(random: Random, { family, about, base, minor, nearMs }: Paid): Step[] {
  const steps: Step[] = [];
  const key = 'group' in about ? about.group : about.subject;
  const first = random.pick([minor, random.int(1, minor), random.int(1, minor)]);
  const parts = random.chance(0.3) ? [first, random.int(1, minor)] : [first];
  parts.forEach((amountMinor, i) => {
    const id = `returned-${family}-${i}`;
    const atMs = Math.max(START_MS + 1, nearMs + random.pick([-600, -10, -3, -1, -1, 0, 0, 10, 300]) * MINUTE_MS);
    const value = encodeCloudEvent({
      specversion: '1.0',
      id,
      source: 'urn:simulation',
      type: MONEY_RETURNED,
      subject: key,
      time: formatInstant(atMs),
      data: { ...about, base, amount: { amountMinor, currency: 'EUR' }, reference: id, reason: 'goodwill' },
    });
    const record = { topic: TOPICS.settlements, partition: partitionOf(key, SHARDS), key, value };
    steps.push({ atMs, record });
    if (random.chance(0.3)) steps.push({ atMs: atMs + random.int(0, 6 * HOUR_MS), record });
  });
  return steps;
}

const MONEY_RETURNED = 'money.returned';

/** Minor units given back in all, by the subject or group that it was told about. */
export function returnedIn(broker: Broker): Map<string, number> {
  const known = new Set<string>();
  const sums = new Map<string, number>();
  for (const { value } of broker.all(TOPICS.settlements)) {
    const { type, subject, id, data } = JSON.parse(value.toString()) as CloudEvent;
    if (type !== MONEY_RETURNED || known.has(id)) continue;
    known.add(id);
    const { amountMinor } = data['amount'] as { amountMinor: number };
    sums.set(subject, (sums.get(subject) ?? 0) + amountMinor);
  }
  return sums;
}
