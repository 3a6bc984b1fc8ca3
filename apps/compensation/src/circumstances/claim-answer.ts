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
  /** The claim itself: a database put back to before it learns it from here. */
  readonly claim: ClaimSubstance;
  /** What stands of money for the promise after the claim. */
  readonly granted?: readonly {
    readonly lineId: string;
    readonly state: string;
    readonly amountMinor: number;
    readonly currency: string;
  }[];
}

/** A claim as its answers repeat it. */
export interface ClaimSubstance {
  readonly at: string;
  readonly promise?: string;
  readonly subject?: string;
  readonly refs?: Readonly<Record<string, string>>;
  readonly channel?: string;
  readonly wants?: string;
  readonly actor?: string;
}

export function answerIdOf(
  { source, eventId }: Claim,
  n: number,
  about: Pick<Entitlement, 'promiseId'> | null,
): string {
  return nameIdOf(source, eventId, 'answered', about?.promiseId ?? '', n);
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
    claim: substanceOf(claim),
    ...(entitlement === null ? {} : aboutPromise(entitlement)),
  };
  const partition = partitionOf(customer, shardCount);
  const event = {
    specversion: '1.0' as const,
    id: answerIdOf(claim, n, entitlement),
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

function substanceOf({ atMs, promiseId, subject, refs, channel, wants, actor }: Claim): ClaimSubstance {
  const named = Object.entries({ promise: promiseId, subject, channel, wants, actor });
  return {
    at: formatInstant(atMs),
    ...Object.fromEntries(named.filter(([, value]) => value !== null)),
    ...(Object.keys(refs).length === 0 ? {} : { refs }),
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
