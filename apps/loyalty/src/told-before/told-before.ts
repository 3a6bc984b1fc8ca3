import type { LoyaltyEvent } from '#libs/contracts';
import { parseInstant, type InstantMs } from '#libs/kernel';
import { daysFromMs, type Days, type NextGesture, type RiskLevel, type Tier } from '#libs/loyalty-model';
import type { Announced } from '../announce-score/score-events.js';
import { isContact, isRepair } from '../watch-customers/contact-rules.js';
import type { Watch } from '../watch-customers/watch.js';

/** Where a cause stands: a topic, or TICK for looks (which come a tick after the tick they are caused by), and the offset there. */
export interface Place {
  readonly from: string;
  readonly offset: number;
}

export const TICK = 'tick';

/**
 * What the topic says was told of a customer for causes that the database has not read: it was put back to a state older
 * than the topic. Until all of them have been read again nothing is said of the customer: how the records of several topics
 * interleaved is in no log, so that what would be said under an id could differ from what was said under it.
 */
export interface ToldBefore {
  /** The last score and tier told; null: those that the database knows. */
  readonly announced: Announced | null;
  /** `level` null: the one that the database knows. */
  readonly risk: { readonly level: RiskLevel | null; readonly raisedAt: Days | null } | null;
  readonly gesture: Watch['gesture'];
  readonly pleasedAtMs: InstantMs | null;
  /** As of the last look that told something. */
  readonly seenAtMs: InstantMs;
  /** As of when the last of it was told. */
  readonly asOfMs: InstantMs;
  /** Offset of the last cause to be read again, by where it stands. */
  readonly awaited: Readonly<Record<string, number>>;
}

const NOTHING_TOLD: ToldBefore = {
  announced: null,
  risk: null,
  gesture: null,
  pleasedAtMs: null,
  seenAtMs: 0,
  asOfMs: 0,
  awaited: {},
};

/** What was told before, and this event, told for the cause at `place`. */
export function remembering(before: ToldBefore | null, { type, id, data }: LoyaltyEvent, place: Place): ToldBefore {
  const told = before ?? NOTHING_TOLD;
  const asOfMs = parseInstant(data.asOf) ?? 0;
  const learned: Partial<ToldBefore> = {
    asOfMs: Math.max(told.asOfMs, asOfMs),
    seenAtMs: place.from === TICK ? Math.max(told.seenAtMs, asOfMs) : told.seenAtMs,
    awaited: { ...told.awaited, [place.from]: Math.max(told.awaited[place.from] ?? 0, place.offset) },
  };
  const kind = type.slice(type.lastIndexOf('.') + 1);
  if (kind === 'score-changed')
    return { ...told, ...learned, announced: { score: data.score, tier: data.tier as Tier, eventId: id } };
  if (kind === 'risk-raised') {
    // Told as a warning is also what raises no level of its own (a fall, a failed recovery).
    const level = data.causes?.includes('churn_risk') || data.risk === 'critical' ? (data.risk as RiskLevel) : null;
    return {
      ...told,
      ...learned,
      risk: { level: level ?? told.risk?.level ?? null, raisedAt: daysFromMs(asOfMs) },
    };
  }
  if (kind === 'risk-cleared')
    return { ...told, ...learned, risk: { level: 'none', raisedAt: told.risk?.raisedAt ?? null } };
  if (kind !== 'gesture-suggested') return { ...told, ...learned }; // tier-changed says what score-changed has said
  const name = data.gesture as NextGesture;
  const pleases = isContact(name) && !isRepair(name);
  return {
    ...told,
    ...learned,
    gesture: { name, atMs: asOfMs },
    ...(pleases ? { pleasedAtMs: asOfMs } : {}),
  };
}

/** The cause at `place` and all before it there have been read. */
export function withRead(told: ToldBefore, { from, offset }: Place): ToldBefore {
  const last = told.awaited[from];
  if (last === undefined || last > offset) return told;
  const { [from]: _read, ...awaited } = told.awaited;
  return { ...told, awaited };
}

export function isAwaited({ awaited }: ToldBefore): boolean {
  return Object.keys(awaited).length > 0;
}

/** What was said of the customer beside the score, as it stood when the last of it was told. */
export function recalledWatch(watch: Watch, told: ToldBefore, failures: number): Watch {
  const { risk, gesture, pleasedAtMs, seenAtMs } = told;
  return {
    risk: {
      level: risk?.level ?? watch.risk.level,
      raisedAt: risk?.raisedAt ?? watch.risk.raisedAt,
    },
    failures: Math.max(watch.failures, failures),
    gesture: gesture ?? watch.gesture,
    pleasedAtMs: pleasedAtMs ?? watch.pleasedAtMs,
    seenAtMs: Math.max(watch.seenAtMs, seenAtMs),
  };
}

/** Of an erased customer it stays known that something was told, and not what. */
export function withoutContent({ awaited, asOfMs, seenAtMs }: ToldBefore): ToldBefore {
  return { ...NOTHING_TOLD, awaited, asOfMs, seenAtMs };
}
