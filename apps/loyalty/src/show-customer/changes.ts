import { formatInstant } from '#libs/kernel';
import {
  explainEvent,
  msFromDays,
  tierOf,
  type Days,
  type ModelEventType,
  type Ruleset,
  type Step,
  type Tier,
} from '#libs/loyalty-model';
import type { CustomerDocument } from '../customer-document/document.js';
import type { Trail } from '../customer-document/history.js';

const CHANGES_SHOWN_MAX = 20;
const HISTORY_MAX = 200;
/** Below this a step moved nothing that anyone would ask about. */
const SMALLEST_CHANGE = 0.005;

const WORDS: Readonly<Record<ModelEventType, string>> = {
  'customer.joined': 'first seen',
  'staff.pulse': 'how engaged the staff are was measured',
  'promo.claimed': 'advertising raised hopes',
  'tie.changed': 'a club, contract or other tie changed',
  'purchase.made': 'bought',
  'delay.notified': 'a delay was told in advance',
  'promise.breached': 'a promise was broken',
  'promise.settled': 'the outcome of a promise became known',
  'recovery.done': 'a broken promise was made good',
  'recovery.missed': 'a broken promise was not made good in time',
  'complaint.filed': 'complained',
  'complaint.resolved': 'a complaint was answered',
  'contact.made': 'was in touch',
  'gesture.made': 'a kindness',
  'survey.answered': 'gave an opinion',
  'referral.made': 'recommended us',
  'referral.converted': 'somebody came on their recommendation',
  'purchase.refunded': 'gave an order back',
  'time.tick': 'time passed',
};

type Told = Step & { readonly tier: Tier; readonly promiseId: string | null };

/** The last moves of the score, newest first: what happened, its points, and the points of each cause (they add up). */
export function whyOf(document: CustomerDocument, steps: readonly Told[]) {
  return steps
    .filter(({ delta }) => Math.abs(delta) >= SMALLEST_CHANGE)
    .slice(-CHANGES_SHOWN_MAX)
    .reverse()
    .map((step) => ({
      at: formatInstant(msFromDays(step.at)),
      event: step.type,
      text: WORDS[step.type],
      ...promiseOf(document, step.promiseId),
      points: step.delta,
      before: step.before,
      after: step.after,
      parts: Object.entries(step.byEvent).map(([part, points]) => ({ part, points })),
      ...(step.recovery ? { recoveryQuality: step.recovery.quality } : {}),
      ...(step.doubleDeviation ? { doubleDeviation: true } : {}),
    }));
}

/** The score after each thing that happened, oldest first. */
export function historyOf(steps: readonly Told[]) {
  return steps.map(({ at, type, after, tier }) => ({
    at: formatInstant(msFromDays(at)),
    event: type,
    score: after,
    tier,
  }));
}

/** The last steps up to a time, each explained. */
export function stepsOf(trail: Trail, asOf: Days, rules: Ruleset): Told[] {
  const count = trail.countAt(asOf);
  const first = Math.max(0, count - HISTORY_MAX);
  let { state, tier } = trail.headAfter(first);
  return trail.events.slice(first, count).map((event) => {
    const explained = explainEvent(state, event, rules);
    state = explained.state;
    tier = tierOf(explained.step.after, tier, rules);
    return { ...explained.step, tier, promiseId: 'promiseId' in event ? event.promiseId : null };
  });
}

function promiseOf(document: CustomerDocument, promiseId: string | null) {
  const verdict = promiseId === null ? null : document.promises[promiseId]?.verdict;
  return verdict ? { promiseId, guarantee: verdict.guarantee, subject: verdict.subject } : {};
}
