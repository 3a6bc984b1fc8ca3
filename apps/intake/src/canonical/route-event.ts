import { EVENT_LIMITS, partitionOf, TICK_TYPE, TOPICS, type CloudEvent } from '#libs/contracts';
import type { OutgoingRecord } from '#libs/messaging';
import { missing, type Refusal } from './refusal.js';
import type { SignalRules } from './signal-rules.js';

/** Facts about money already claimed or returned: compensation reads them, keyed by subject, and nobody else does. */
const SETTLEMENT_TYPES: ReadonlySet<string> = new Set(['claim.filed', 'money.returned']);

export interface Routing {
  readonly shardCount: number;
  readonly signalRules: SignalRules;
}

/** The records of a canonical event: to which topics, under which keys. Ticks of a replay go to every partition. */
export function routeEvent(
  event: CloudEvent,
  value: string,
  timestampMs: number | undefined,
  { shardCount, signalRules }: Routing,
): readonly OutgoingRecord[] | Refusal {
  const stamp = timestampMs === undefined ? {} : { timestampMs };
  const to = (topic: string, key: string): OutgoingRecord => ({
    topic,
    partition: partitionOf(key, shardCount),
    key,
    value,
    ...stamp,
  });
  const { type, subject } = event;
  if (type === TICK_TYPE) return toEveryPartition(TOPICS.events, shardCount, subject, value, timestampMs);
  if (SETTLEMENT_TYPES.has(type)) return [to(TOPICS.settlements, subject)];
  const rule = signalRules.get(type);
  if (rule === undefined) return [to(TOPICS.events, subject)];
  const customer = memberAt(event, rule.customerPath);
  if (typeof customer !== 'string' || customer.length === 0 || customer.length > EVENT_LIMITS.textIdCharsMax) {
    // A fact about a subject is one whether or not it names a customer.
    if (rule.alsoEvent) return [to(TOPICS.events, subject)];
    return missing(
      `/${rule.customerPath.join('/')}`,
      `Events of type ${type} name their customer there (1 to 200 characters).`,
    );
  }
  const signal = to(TOPICS.signals, customer);
  return rule.alsoEvent ? [to(TOPICS.events, subject), signal] : [signal];
}

export function toEveryPartition(
  topic: string,
  shardCount: number,
  key: string,
  value: string,
  timestampMs?: number,
): OutgoingRecord[] {
  const stamp = timestampMs === undefined ? {} : { timestampMs };
  return Array.from({ length: shardCount }, (_, partition) => ({ topic, partition, key, value, ...stamp }));
}

function memberAt(event: unknown, path: readonly string[]): unknown {
  let value = event;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
