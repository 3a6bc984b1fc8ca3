import type { LoyaltyEvent } from '#libs/contracts';
import type { InstantMs } from '#libs/kernel';
import {
  churnRiskOf,
  daysFromMs,
  drawsSurprise,
  fallWindowStart,
  nextGesture,
  watchRisk,
  wayBack,
  type LoyaltyState,
  type NextGesture,
  type Tier,
} from '#libs/loyalty-model';
import type { ModelSettings } from '#libs/signals';
import { gestureEvent, riskEvent, type Announced, type Remark } from '../announce-score/score-events.js';
import type { Profile } from '../customer-document/document.js';
import type { Trail } from '../customer-document/history.js';
import { isContact, isRepair, mayContact } from './contact-rules.js';
import type { Watch } from './watch.js';

/** A customer at the moment something is to be said. */
export interface Occasion {
  readonly customer: string;
  readonly trail: Trail;
  readonly atMs: InstantMs;
  readonly cause: Remark['cause'];
  /** What the world thought of the customer until now. */
  readonly before: Announced;
  readonly profile: Profile | null;
  /** Ticks make up for what nobody did; news may still be followed by the house's own answer. */
  readonly byTime: boolean;
}

export interface Remarks {
  readonly events: readonly LoyaltyEvent[];
  readonly watch: Watch;
  /** When a suggestion that has to wait may be made. */
  readonly waitingMs: InstantMs | null;
}

/** So long a breach may stay unanswered before somebody is asked to apologise: makegood's own remedies take less. */
const REMEDY_TAKES_MS = 3_600_000;
/** A score this much below the last one told is worth a look at the whole week. */
const NOTABLE_FALL = 1;
const MONTH_DAYS = 30;
const TIERS: readonly Tier[] = ['advocate', 'loyal', 'neutral', 'at_risk', 'broken'];

/** What is to be said of risk and of the next gesture; a function of the occasion and of what was said before. */
export function remarksOn(occasion: Occasion, watch: Watch, settings: ModelSettings): Remarks {
  const { trail, atMs, customer, cause } = occasion;
  const { state, components, tier } = trail.standingAt(daysFromMs(atMs));
  const { rules } = settings;
  const remark: Remark = { customer, score: components.score, tier, cause, asOfMs: atMs, ruleset: rules.ruleset };
  const failures = failuresIn(state);
  const churnRisk = churnRiskOf(components, rules);
  const verdict = watchRisk(
    watch.risk,
    {
      at: daysFromMs(atMs),
      churnRisk,
      score: components.score,
      scoreAgo: scoreAgoOf(occasion, components.score, settings),
      tierFell: TIERS.indexOf(tier) > TIERS.indexOf(occasion.before.tier),
      doubleDeviation: failures > watch.failures,
    },
    rules,
  );
  const events: LoyaltyEvent[] = [];
  if (verdict.raised) events.push(riskEvent(remark, { ...verdict.raised, churnRisk }));
  if (verdict.cleared) events.push(riskEvent(remark, null));
  const next = suggestion(occasion, state, nextGesture(state, components, rules), watch, settings);
  if (next.gesture) events.push(gestureEvent(remark, next.gesture, promisesOf(next.gesture, state, settings)));
  return { events, watch: changed(watch, { ...next.said, risk: verdict.watch, failures }), waitingMs: next.waitingMs };
}

/** How many recoveries have failed, over all that was promised. */
export function failuresIn({ debts }: LoyaltyState): number {
  return debts.reduce((sum, { failedRecoveries }) => sum + failedRecoveries, 0);
}

/** The very same watch where nothing is new: it need not be written. */
function changed(watch: Watch, said: Partial<Watch>): Watch {
  const next = { ...watch, ...said };
  const same =
    next.failures === watch.failures &&
    next.gesture === watch.gesture &&
    next.pleasedAtMs === watch.pleasedAtMs &&
    next.risk.level === watch.risk.level &&
    next.risk.raisedAt === watch.risk.raisedAt;
  return same ? watch : next;
}

/** The score a week ago; null while the customer was not known then, or where the fall is too small to matter. */
function scoreAgoOf({ trail, atMs, before }: Occasion, score: number, { rules }: ModelSettings): number | null {
  if (score > before.score - NOTABLE_FALL) return null;
  const then = fallWindowStart(daysFromMs(atMs), rules);
  return trail.countAt(then) === 0 ? null : trail.standingAt(then).components.score;
}

interface Suggestion {
  readonly gesture: NextGesture | null;
  readonly said: Partial<Watch>;
  readonly waitingMs: InstantMs | null;
}

function suggestion(
  { customer, atMs, byTime, profile }: Occasion,
  state: LoyaltyState,
  fitting: NextGesture,
  watch: Watch,
  settings: ModelSettings,
): Suggestion {
  const none = (waitingMs: InstantMs | null = null): Suggestion => ({ gesture: null, said: {}, waitingMs });
  const month = Math.floor(daysFromMs(atMs) / MONTH_DAYS);
  const drawn = fitting !== 'surprise' || drawsSurprise(customer, month, settings.surpriseSeed, settings.rules);
  if (fitting === 'none' || !drawn) return { ...none(), said: watch.gesture === null ? {} : { gesture: null } };
  // To please is suggested once for as long as it fits; what is still to be repaired is called to mind again.
  const isDue = isRepair(fitting) && atMs - (watch.gesture?.atMs ?? 0) >= settings.contact.againMs;
  if (watch.gesture?.name === fitting && !isDue) return none();
  if (fitting === 'apologise_and_compensate' && !byTime) return none(atMs + REMEDY_TAKES_MS);
  const verdict = mayContact(fitting, profile, watch.pleasedAtMs, atMs, settings.contact);
  if (verdict.kind !== 'now') return none(verdict.kind === 'later' ? verdict.atMs : null);
  const pleases = isContact(fitting) && !isRepair(fitting);
  const said = { gesture: { name: fitting, atMs }, ...(pleases ? { pleasedAtMs: atMs } : {}) };
  return { gesture: fitting, said, waitingMs: null };
}

const PROMISES_TOLD_MAX = 5;

function promisesOf(gesture: NextGesture, state: LoyaltyState, { rules }: ModelSettings): string[] {
  if (gesture !== 'call_personally' && gesture !== 'apologise_and_compensate') return [];
  return wayBack(state, rules)
    .slice(0, PROMISES_TOLD_MAX)
    .map(({ promiseId }) => promiseId);
}
