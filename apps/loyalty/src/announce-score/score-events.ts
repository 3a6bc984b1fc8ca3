import {
  LOYALTY_PREFIX,
  SOURCES,
  type LoyaltyEvent,
  type LoyaltyEventData,
  type LoyaltyEventKind,
} from '#libs/contracts';
import { formatInstant, nameIdOf, type InstantMs } from '#libs/kernel';
import { DEFAULT_RULESET, type Tier } from '#libs/loyalty-model';
import { exactParts, fromMicro, MICRO, toMicro } from './parts.js';

/** What the world was last told of a customer. */
export interface Announced {
  readonly score: number;
  readonly tier: Tier;
}

export interface ScoreMove {
  readonly customer: string;
  readonly announced: Announced;
  readonly score: number;
  readonly tier: Tier;
  /** Points by cause of what has just happened; time and moves too small to tell are the rest. */
  readonly causes: Readonly<Record<string, number>>;
  readonly cause: { readonly eventId: string; readonly type: string };
  /** Id of the event that told of what now turns out never to have been. */
  readonly corrects?: string;
  readonly asOfMs: InstantMs;
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
    parts: exactParts(move.causes, deltaMicro, 'time'),
    cause,
    ...(move.corrects === undefined ? {} : { corrects: move.corrects }),
    tier,
    ruleset: DEFAULT_RULESET.ruleset,
    asOf: formatInstant(asOfMs),
  };
  const kinds: LoyaltyEventKind[] = tierMoved ? ['score-changed', 'tier-changed'] : ['score-changed'];
  return kinds.map((kind) => ({
    specversion: '1.0',
    id: scoreEventIdOf(kind, customer, cause.eventId),
    source: SOURCES.loyalty,
    type: `${LOYALTY_PREFIX}${kind}`,
    subject: customer,
    time: data.asOf,
    data,
  }));
}

/** One id for one cause, customer and ruleset, so that consumers can tell a repetition. */
export function scoreEventIdOf(kind: LoyaltyEventKind, customer: string, causeEventId: string): string {
  return nameIdOf(LOYALTY_PREFIX, kind, customer, causeEventId, DEFAULT_RULESET.ruleset);
}
