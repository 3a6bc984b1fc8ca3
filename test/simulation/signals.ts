import { encodeCloudEvent, partitionOf, TOPICS } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { Random } from '../seeded/random.js';
import { SHARDS } from './services.js';
import { HOUR_MS, MINUTE_MS, START_MS } from './terms.js';
import type { Step } from './workload.js';

const CUSTOMERS = 12;

/** What is told of customers beside promises: they buy, say what they think, complain, opt out, and turn out to be another. */
export function signals(random: Random): Step[] {
  const steps: Step[] = [];
  const say = (type: string, customer: string, data: Readonly<Record<string, unknown>>, revision = 0): void => {
    const occurredMs = START_MS + random.int(1, 80 * 60) * MINUTE_MS;
    const event = {
      specversion: '1.0' as const,
      id: `signal-${steps.length}`,
      source: 'urn:simulation',
      type,
      subject: customer,
      time: formatInstant(occurredMs),
      data,
      ...(revision > 0 ? { revision } : {}),
    };
    const atMs = occurredMs + random.pick([0, 1, 30, 600]) * MINUTE_MS;
    const partition = partitionOf(customer, SHARDS);
    const record = { topic: TOPICS.signals, partition, key: customer, value: encodeCloudEvent(event) };
    steps.push({ atMs, record });
    if (random.chance(0.2)) steps.push({ atMs: atMs + random.int(0, 6 * HOUR_MS), record });
  };
  for (let n = random.int(10, 30); n > 0; n--) {
    const customer = `C-${random.int(1, CUSTOMERS)}`;
    const kind = random.pick(['bought', 'bought', 'asked', 'complained', 'updated', 'contacted'] as const);
    const amount = { amountMinor: random.int(100, 9_000), currency: 'EUR' };
    if (kind === 'bought') say('customer.purchased', customer, { customer, order: `P-${n}`, amount });
    if (kind === 'asked') say('customer.feedback', customer, { customer, kind: 'nps', value: random.int(0, 10) });
    if (kind === 'complained') say('customer.complained', customer, { customer, complaint: `T-${n}` });
    if (kind === 'updated')
      say('customer.updated', customer, { customer, locale: 'en', optOut: random.pick([[], ['marketing']]) });
    if (kind === 'contacted') say('customer.contacted', customer, { customer, channel: 'call', personal: false });
  }
  // The higher number turns out to be the lower one: chains, and no circles.
  const merged = random.shuffled(Array.from({ length: CUSTOMERS - 1 }, (_, i) => i + 2)).slice(0, random.int(0, 2));
  for (const from of merged) {
    const into = `C-${random.int(1, from - 1)}`;
    say('customer.merged', into, { from: `C-${from}`, into });
  }
  return steps;
}
