import {
  LOYALTY_PREFIX,
  SOURCES,
  type LoyaltyEvent,
  type LoyaltyEventData,
  type LoyaltyEventKind,
} from '#libs/contracts';
import { formatInstant, nameIdOf, type InstantMs } from '#libs/kernel';
import type { RiskCause, Tier } from '#libs/loyalty-model';
import { exactParts, fromMicro, MICRO, toMicro } from './parts.js';

/** What the world was last told of a customer. */
export interface Announced {
  readonly score: number;
  readonly tier: Tier;
  /** Id of the last score-changed: what a correction corrects. */
  readonly eventId: string | null;
}

/** What set off an event of ours. */
export interface Cause {
  readonly eventId: string;
  readonly type: string;
  /** The record that told it, where one cause comes in several (a history that is moved): each has its own consequences. */
  readonly toldBy?: string;
}

export interface ScoreMove {
  readonly customer: string;
  readonly announced: Announced;
  readonly score: number;
  readonly tier: Tier;
  /** Points by cause of what has just happened (asked for only when there is something to tell); time and moves too small to tell are the rest. */
  readonly causes: () => Readonly<Record<string, number>>;
  readonly cause: Cause;
  /** Id of the event that told of what now turns out never to have been. */
  readonly corrects?: string;
  readonly asOfMs: InstantMs;
  readonly ruleset: string;
}

/** A move smaller than this is not told, unless the tier moved. */
const SMALLEST_MOVE = 0.1;

/**
 * The events of a move: `score-changed`, and `tier-changed` where the tier moved; none when it is too small. All of it is
 * a function of the move, so that a repetition has the same bytes.
 */
export function scoreEvents(move: ScoreMove): LoyaltyEvent[] {
  const { customer, announced, tier, cause, asOfMs } = move;
  const [scoreMicro, previousMicro] = [toMicro(move.score), toMicro(announced.score)];
  const deltaMicro = scoreMicro - previousMicro;
  const tierMoved = tier !== announced.tier;
  if (Math.abs(deltaMicro) < SMALLEST_MOVE * MICRO && !tierMoved) return [];
  const data: LoyaltyEventData = {
    customer,
    score: fromMicro(scoreMicro),
    previous: fromMicro(previousMicro),
    delta: fromMicro(deltaMicro),
    parts: exactParts(move.causes(), deltaMicro, 'time'),
    cause: shown(cause),
    ...(move.corrects === undefined ? {} : { corrects: move.corrects }),
    tier,
    ruleset: move.ruleset,
    asOf: formatInstant(asOfMs),
  };
  const kinds: LoyaltyEventKind[] = tierMoved ? ['score-changed', 'tier-changed'] : ['score-changed'];
  return kinds.map((kind) => eventOf(kind, data, cause));
}

/** What there is to say of a customer beside the score. */
export interface Remark {
  readonly customer: string;
  readonly score: number;
  readonly tier: Tier;
  readonly cause: Cause;
  readonly asOfMs: InstantMs;
  readonly ruleset: string;
}

export function riskEvent(
  remark: Remark,
  raised: { readonly level: string; readonly causes: readonly RiskCause[]; readonly churnRisk: number } | null,
): LoyaltyEvent {
  const kind = raised ? 'risk-raised' : 'risk-cleared';
  const more = raised
    ? { risk: raised.level, causes: raised.causes, churnRisk: fromMicro(toMicro(raised.churnRisk)) }
    : { risk: 'none' };
  return eventOf(kind, { ...bodyOf(remark), ...more }, remark.cause);
}

export function gestureEvent(remark: Remark, gesture: string, promises: readonly string[]): LoyaltyEvent {
  const about = promises.length > 0 ? { promises } : {};
  return eventOf('gesture-suggested', { ...bodyOf(remark), gesture, ...about }, remark.cause);
}

function bodyOf({ customer, score, tier, cause, asOfMs, ruleset }: Remark): LoyaltyEventData {
  return {
    customer,
    score: fromMicro(toMicro(score)),
    cause: shown(cause),
    tier,
    ruleset,
    asOf: formatInstant(asOfMs),
  };
}

function shown({ eventId, type }: Cause): { readonly eventId: string; readonly type: string } {
  return { eventId, type };
}

function eventOf(kind: LoyaltyEventKind, data: LoyaltyEventData, cause: Cause): LoyaltyEvent {
  return {
    specversion: '1.0',
    id: loyaltyEventIdOf(kind, data.customer, cause.toldBy ?? cause.eventId, data.ruleset),
    source: SOURCES.loyalty,
    type: `${LOYALTY_PREFIX}${kind}`,
    subject: data.customer,
    time: data.asOf,
    data,
  };
}

/** One id for one cause, customer and ruleset, so that consumers can tell a repetition. */
export function loyaltyEventIdOf(
  kind: LoyaltyEventKind,
  customer: string,
  causeEventId: string,
  ruleset: string,
): string {
  return nameIdOf(LOYALTY_PREFIX, kind, customer, causeEventId, ruleset);
}
