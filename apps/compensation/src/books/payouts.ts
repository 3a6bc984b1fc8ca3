import { encodeCloudEvent, partitionOf, SOURCES, TOPICS } from '#libs/contracts';
import { derivedIdOf, formatInstant } from '#libs/kernel';
import type { Outgoing } from '#libs/shard-log';
import { openOf } from '../entitlement/line.js';
import type { Told } from './books.js';

type PayoutKind = 'requested' | 'paid' | 'cancelled';

/** The guarantee that watches payouts: what it grants itself is not watched again. */
export const PAYOUT_GUARANTEE = 'payout';

/**
 * The payout of a line is a promise of its own: makegood hears of it as of any other fact. Events for
 * `makegood.ingress.v1`, about lines of money that say by when they are paid; a penalty opens no payout.
 */
export function payoutsOf(told: readonly Told[], shardCount: number): Outgoing[] {
  return told.flatMap((one) => {
    const kind = payoutKindOf(one);
    return kind === null ? [] : [payoutRecord(one, kind, shardCount)];
  });
}

function payoutKindOf({ owner, announcement }: Told): PayoutKind | null {
  const { line } = announcement;
  const isWatched = line.currency !== null && line.kind !== 'points' && line.details.payBy !== undefined;
  if (!isWatched || line.details.nature === 'penalty' || owner.promise.guarantee === PAYOUT_GUARANTEE) return null;
  if ('action' in announcement) {
    if (announcement.action === 'cancelled') return 'cancelled';
    // asked for a second time (its payee is known now): the payout was promised with the first
    return announcement.action === 'requested' && announcement.reason === undefined ? 'requested' : null;
  }
  const isDone = announcement.notice === 'settled' && announcement.data.reference !== 'offset' && openOf(line) === 0;
  return isDone ? 'paid' : null;
}

function payoutRecord({ owner, announcement }: Told, kind: PayoutKind, shardCount: number): Outgoing {
  const { line, atMs } = announcement;
  const { lineId, amountMinor, currency, details } = line;
  const event = {
    specversion: '1.0' as const,
    id: derivedIdOf(lineId, kind),
    source: SOURCES.compensation,
    type: `makegood.payout.${kind}`,
    subject: lineId,
    time: formatInstant(atMs),
    data: { lineId, customer: owner.promise.customer, payBy: details.payBy, amount: { amountMinor, currency } },
  };
  return {
    topic: TOPICS.ingress,
    partition: partitionOf(lineId, shardCount),
    key: lineId,
    value: encodeCloudEvent(event),
    timestampMs: atMs,
  };
}
