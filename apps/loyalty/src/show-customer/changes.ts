import { formatInstant } from '#libs/kernel';
import { explainEvent, msFromDays, tierOf, type Days, type Step, type Tier } from '#libs/loyalty-model';
import type { CustomerDocument } from '../customer-document/document.js';
import { startOf } from '../customer-document/history.js';
import { eventsOfDocument } from '../customer-document/model-events.js';

const CHANGES_SHOWN_MAX = 20;
const HISTORY_MAX = 200;
/** Below this a step moved nothing that anyone would ask about. */
const SMALLEST_CHANGE = 0.005;

const WORDS: Readonly<Partial<Record<Step['type'], string>>> = {
  'promise.settled': 'the outcome of a promise became known',
  'promise.breached': 'a promise was broken',
  'recovery.done': 'a broken promise was made good',
  'delay.notified': 'a delay was told in advance',
  'customer.joined': 'first seen',
};

type Told = Step & { readonly tier: Tier; readonly promiseId: string | null };

/** The last moves of the score, newest first: what happened, its points, and the points of each cause (they add up). */
export function whyOf(document: CustomerDocument, asOf: Days) {
  return stepsOf(document, asOf)
    .filter(({ delta }) => Math.abs(delta) >= SMALLEST_CHANGE)
    .slice(-CHANGES_SHOWN_MAX)
    .reverse()
    .map((step) => ({
      at: formatInstant(msFromDays(step.at)),
      event: step.type,
      text: WORDS[step.type] ?? step.type,
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
export function historyOf(document: CustomerDocument, asOf: Days) {
  return stepsOf(document, asOf)
    .slice(-HISTORY_MAX)
    .map(({ at, type, after, tier }) => ({ at: formatInstant(msFromDays(at)), event: type, score: after, tier }));
}

function stepsOf(document: CustomerDocument, asOf: Days): Told[] {
  let { state, tier } = startOf(document);
  const steps: Told[] = [];
  for (const event of eventsOfDocument(document)) {
    if (event.at > asOf) break;
    const explained = explainEvent(state, event);
    state = explained.state;
    tier = tierOf(explained.step.after, tier);
    steps.push({ ...explained.step, tier, promiseId: 'promiseId' in event ? event.promiseId : null });
  }
  return steps;
}

function promiseOf(document: CustomerDocument, promiseId: string | null) {
  const verdict = promiseId === null ? null : document.promises[promiseId]?.verdict;
  return verdict ? { promiseId, guarantee: verdict.guarantee, subject: verdict.subject } : {};
}
