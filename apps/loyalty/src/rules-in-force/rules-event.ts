import { encodeCloudEvent, RULES_TYPE, SOURCES, TOPICS, type CloudEvent } from '#libs/contracts';
import { formatInstant, nameIdOf, parseInstant, type InstantMs } from '#libs/kernel';
import type { BuyTillYouDieParameters } from '#libs/loyalty-model';
import type { Outgoing } from '#libs/shard-log';
import { FieldError, text } from '../apply-log/fields.js';

/** How customers buy and leave, put into force under a name of its own; null: as signals.yaml says. */
export interface AppliedRules {
  readonly eventId: string;
  readonly atMs: InstantMs;
  readonly ruleset: string | null;
  readonly purchasing: BuyTillYouDieParameters | null;
}

/** @returns the parameters, or null where they are not four numbers above 0 */
export function purchasingOf(value: unknown): BuyTillYouDieParameters | null {
  const { r, alpha, a, b } = (value ?? {}) as Readonly<Record<keyof BuyTillYouDieParameters, unknown>>;
  const all = [r, alpha, a, b];
  const fits = all.every((each): each is number => typeof each === 'number' && Number.isFinite(each) && each > 0);
  if (!fits) return null;
  const [shape, rate, leave, stay] = all as [number, number, number, number];
  return { r: shape, alpha: rate, a: leave, b: stay };
}

/** One record a shard. The id names all that is said, so that one id never has two contents. */
export function rulesRecords(
  said: Omit<AppliedRules, 'eventId'> & { readonly reason: string },
  shardCount: number,
): Outgoing[] {
  const time = formatInstant(said.atMs);
  const data = { ruleset: said.ruleset, purchasing: said.purchasing, reason: said.reason };
  const event: CloudEvent = {
    specversion: '1.0',
    id: nameIdOf(RULES_TYPE, time, JSON.stringify(data)),
    source: SOURCES.loyalty,
    type: RULES_TYPE,
    subject: said.ruleset ?? 'signals.yaml',
    time,
    data,
  };
  const value = encodeCloudEvent(event);
  return Array.from({ length: shardCount }, (_, partition) => ({
    topic: TOPICS.signals,
    partition,
    key: 'model',
    value,
  }));
}

/** @throws FieldError */
export function readRules(event: CloudEvent): AppliedRules {
  const { ruleset, purchasing } = event.data;
  const atMs = parseInstant(event.time);
  if (atMs === null) throw new FieldError('time: expected an instant');
  const eventId = text(event, 'id');
  if (purchasing === null) return { eventId, atMs, ruleset: null, purchasing: null };
  const parameters = purchasingOf(purchasing);
  if (!parameters || typeof ruleset !== 'string')
    throw new FieldError('data: expected a ruleset and its purchasing {r, alpha, a, b}');
  return { eventId, atMs, ruleset, purchasing: parameters };
}
