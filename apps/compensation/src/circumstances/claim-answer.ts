import { encodeCloudEvent, partitionOf, SOURCES, TOPICS } from '#libs/contracts';
import { compensationIdOf, formatInstant, nameIdOf, type InstantMs } from '#libs/kernel';
import type { Outgoing } from '#libs/shard-log';
import type { Entitlement } from '../entitlement/entitlement.js';
import { isBooked, standingOf } from '../entitlement/line.js';
import type { Claim } from './claim.js';

export const CLAIM_ANSWERED_TYPE = 'makegood.claim.answered';

/** `data` of `makegood.claim.answered`. */
export interface ClaimAnswerData {
  readonly claimId: string;
  readonly claimSource: string;
  readonly claimant: string;
  readonly reasonCode: string;
  readonly promiseId?: string;
  readonly compensationId?: string;
  readonly guarantee?: string;
  readonly customer: string;
  /** What stands of money for the promise after the claim. */
  readonly granted?: readonly {
    readonly lineId: string;
    readonly state: string;
    readonly amountMinor: number;
    readonly currency: string;
  }[];
}

/** @param n 1: the first answer; 2: the promise was missed after that. */
export function claimAnswer(
  claim: Claim,
  n: number,
  answer: { readonly reasonCode: string; readonly atMs: InstantMs; readonly entitlement: Entitlement | null },
  shardCount: number,
): Outgoing {
  const { entitlement, reasonCode, atMs } = answer;
  const customer = entitlement?.promise.customer ?? claim.claimant;
  const data: ClaimAnswerData = {
    claimId: claim.eventId,
    claimSource: claim.source,
    claimant: claim.claimant,
    reasonCode,
    customer,
    ...(entitlement === null ? {} : aboutPromise(entitlement)),
  };
  const partition = partitionOf(customer, shardCount);
  const event = {
    specversion: '1.0' as const,
    id: nameIdOf(claim.source, claim.eventId, 'answered', entitlement?.promiseId ?? '', n),
    source: SOURCES.compensation,
    type: CLAIM_ANSWERED_TYPE,
    subject: entitlement?.promise.subject ?? claim.subject ?? claim.claimant,
    time: formatInstant(atMs),
    data,
  };
  return {
    topic: TOPICS.compensations,
    partition,
    shard: partition,
    key: customer,
    value: encodeCloudEvent(event),
    timestampMs: atMs,
  };
}

function aboutPromise({ promiseId, promise, lines }: Entitlement) {
  const granted = lines
    .filter((line) => line.currency !== null && standingOf(line) > 0 && (isBooked(line) || line.state === 'held'))
    .map((line) => ({
      lineId: line.lineId,
      state: line.state,
      amountMinor: line.amountMinor,
      currency: line.currency as string,
    }));
  return { promiseId, compensationId: compensationIdOf(promiseId), guarantee: promise.guarantee, granted };
}
