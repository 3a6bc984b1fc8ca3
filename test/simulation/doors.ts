import { encodeCloudEvent, partitionOf, TOPICS } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { Random } from '../seeded/random.js';
import { SHARDS } from './services.js';
import { HOUR_MS, MINUTE_MS, START_MS } from './terms.js';
import type { Step } from './workload.js';

export const UPSTREAM_SOURCE = 'urn:upstream';

/** Why intake refuses an event of these. */
export const BROKEN = {
  'no-json': 'JSON_MALFORMED',
  'no-time': 'FIELD_MISSING',
  'of-makegood': 'TYPE_RESERVED',
  'from-the-future': 'FUTURE_FACT',
} as const;

/** Parcels that are told to intake: over HTTP, by ingress, or by both; and events that it must refuse. */
export function doors(random: Random): Step[] {
  const steps: Step[] = [];
  const tell = (key: string, value: string, atMs: number): void => {
    const record = { topic: TOPICS.events, partition: partitionOf(key, SHARDS), key, value };
    const times = random.chance(0.25) ? 2 : 1;
    for (let i = 0; i < times; i++)
      steps.push({
        atMs: atMs + i * random.int(0, 6) * HOUR_MS,
        record,
        way: random.pick(['http', 'http', 'ingress']),
      });
  };
  for (let n = random.int(15, 30); n > 0; n--) {
    const subject = `plain-door-${n}`;
    const openMs = START_MS + random.int(1, 30 * 60) * MINUTE_MS;
    const dueMs = openMs + random.int(60, 600) * MINUTE_MS;
    const say = (
      what: string,
      occurredMs: number,
      receivedMs: number,
      data: Readonly<Record<string, unknown>>,
    ): void => {
      const event = {
        specversion: '1.0' as const,
        id: `door-${n}-${what}`,
        source: UPSTREAM_SOURCE,
        type: what,
        subject,
      };
      tell(subject, encodeCloudEvent({ ...event, time: formatInstant(occurredMs), data }), receivedMs);
    };
    const postage = { amountMinor: random.int(100, 5_000), currency: 'EUR' };
    const opening = { customer: `C-${random.int(1, 12)}`, postage, promisedAt: formatInstant(dueMs) };
    say('parcel.accepted', openMs, openMs + random.int(0, 5) * MINUTE_MS, opening);
    const end = random.pick(['in-time', 'late', 'late-news', 'never'] as const);
    if (end === 'in-time') say('parcel.delivered', dueMs - HOUR_MS, dueMs - 30 * MINUTE_MS, {});
    if (end === 'late') say('parcel.delivered', dueMs + HOUR_MS, dueMs + random.int(1, 9) * HOUR_MS, {});
    if (end === 'late-news') say('parcel.delivered', dueMs - HOUR_MS, dueMs + random.int(1, 40) * HOUR_MS, {});
  }
  for (let n = random.int(0, 4); n > 0; n--) {
    const kind = random.pick(['no-json', 'no-time', 'of-makegood', 'from-the-future'] as const);
    const atMs = START_MS + random.int(1, 40 * 60) * MINUTE_MS;
    tell('nobody', brokenText(kind, n, atMs), atMs);
  }
  return steps;
}

function brokenText(kind: keyof typeof BROKEN, n: number, atMs: number): string {
  const id = `broken-${kind}-${n}`;
  if (kind === 'no-json') return `{"id":"${id}", `;
  const timeMs = kind === 'from-the-future' ? atMs + 400 * 24 * HOUR_MS : atMs;
  const event = {
    specversion: '1.0',
    id,
    source: UPSTREAM_SOURCE,
    type: kind === 'of-makegood' ? 'makegood.promise.kept' : 'parcel.accepted',
    subject: 'nobody',
    ...(kind === 'no-time' ? {} : { time: formatInstant(timeMs) }),
    data: {},
  };
  return JSON.stringify(event);
}
