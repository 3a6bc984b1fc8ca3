import { ProblemError } from '#libs/kernel';
import { clamp } from './arithmetic.js';
import { addReferral, recordPurchase, refundPurchase } from './behaviour.js';
import { breakPromise, healDebts, noteDelay, type BreachStages } from './debts.js';
import { evolveTo } from './evolve.js';
import { enjoyKeptPromise, learnLateness, raiseHopes } from './experience.js';
import { compareEvents, type EventOf, type ModelEvent } from './model-event.js';
import type { Ruleset } from './parameters.js';
import { missRecovery, recover, type RecoveryParts } from './recovery.js';
import { changeTie, makeContact, makeGesture, measureStaff } from './relationship.js';
import type { LoyaltyState } from './state.js';
import { answerSurvey, fileComplaint, resolveComplaint } from './voice.js';

/** What an event did, beyond the new state: the explanation's material. */
export interface Transition {
  readonly state: LoyaltyState;
  readonly breachStages?: BreachStages;
  readonly recovery?: { readonly quality: number; readonly parts: RecoveryParts };
  /** A failed or missing recovery on top of a failure: an alert at once. */
  readonly doubleDeviation?: boolean;
  readonly paradox?: boolean;
  /** A recovery of a promise that is not known as broken changes nothing. */
  readonly ignored?: 'unknown breach';
}

/**
 * Whether an event belongs before what the state already holds, so that the history must be folded anew from a snapshot.
 * Store states as `applyEvent` gives them: one that was let go on in time calls every event of the meantime late.
 */
export function comesTooLate(state: LoyaltyState, event: ModelEvent): boolean {
  if (state.asOf !== null && event.at < state.asOf) return true;
  return state.last !== null && compareEvents(event, state.last) < 0;
}

/**
 * Lets time pass up to the event, then the event happen. Nothing is changed in place.
 * @throws ProblemError LOYALTY_EVENT_OUT_OF_ORDER when `comesTooLate`.
 */
export function takeIn(
  state: LoyaltyState,
  event: ModelEvent,
  rules: Ruleset,
): { waited: LoyaltyState; happened: Transition } {
  if (comesTooLate(state, event)) {
    throw new ProblemError({
      code: 'LOYALTY_EVENT_OUT_OF_ORDER',
      detail: `event ${event.id} (${event.type}, day ${event.at}) belongs before day ${state.asOf} (last: ${state.last?.id ?? 'none'}), which the state already holds`,
      advice: 'restore a snapshot from before it and fold the history again',
    });
  }
  const waited = evolveTo(state, event.at, rules);
  const { at, type, id } = event;
  const happened = happen({ ...waited, since: waited.since ?? at, last: { at, type, id } }, event, rules);
  return { waited, happened };
}

function happen(state: LoyaltyState, event: ModelEvent, rules: Ruleset): Transition {
  switch (event.type) {
    case 'promise.breached': {
      const { state: next, stages } = breakPromise(state, event, rules.debt.provisionalTolerances, rules);
      return { state: next, breachStages: stages };
    }
    case 'promise.settled':
      return settlePromise(state, event, rules);
    case 'recovery.done': {
      const outcome = recover(state, event, rules);
      if (!outcome) return { state, ignored: 'unknown breach' };
      const { state: next, quality, parts, doubleDeviation, paradox } = outcome;
      return { state: next, recovery: { quality, parts }, doubleDeviation, paradox };
    }
    case 'recovery.missed': {
      const next = missRecovery(state, event.promiseId);
      return next ? { state: next, doubleDeviation: true } : { state, ignored: 'unknown breach' };
    }
    default:
      return { state: simplyHappen(state, event, rules) };
  }
}

function simplyHappen(
  state: LoyaltyState,
  event: Exclude<ModelEvent, { type: 'promise.breached' | 'promise.settled' | 'recovery.done' | 'recovery.missed' }>,
  rules: Ruleset,
): LoyaltyState {
  switch (event.type) {
    case 'purchase.made':
      return recordPurchase(state, event);
    case 'purchase.refunded':
      return refundPurchase(state, event.orderId);
    case 'delay.notified':
      return noteDelay(state, event);
    case 'complaint.filed':
      return fileComplaint(state, event, rules);
    case 'complaint.resolved':
      return resolveComplaint(state, event, rules);
    case 'survey.answered':
      return answerSurvey(state, event, rules);
    case 'contact.made':
      return makeContact(state, event, rules);
    case 'gesture.made':
      return makeGesture(state, event, rules);
    case 'referral.made':
      return addReferral(state, rules.behaviour.referralMade);
    case 'referral.converted':
      return addReferral(state, rules.behaviour.referralConverted);
    case 'tie.changed':
      return changeTie(state, event);
    case 'staff.pulse':
      return measureStaff(state, event.value);
    case 'promo.claimed':
      return raiseHopes(state, event.intensity, rules);
    case 'customer.joined':
    case 'time.tick':
      return state;
  }
}

/** The outcome of a promise: late within the zone of tolerance is kept, unless a breach of it was already felt. */
function settlePromise(state: LoyaltyState, event: EventOf<'promise.settled'>, rules: Ruleset): Transition {
  const lateness = latenessOf(event, rules);
  const counted = { ...state, settledPromises: state.settledPromises + 1 };
  const felt = state.debts.some((debt) => debt.promiseId === event.promiseId);
  if (lateness > rules.feeling.toleranceZone || felt) {
    const { state: broken, stages } = breakPromise(counted, event, Math.max(lateness, 0), rules);
    return { state: learnLateness(broken, event.kind, lateness, rules), breachStages: stages };
  }
  const enjoyed = enjoyKeptPromise(counted, event, lateness, rules);
  return { state: learnLateness(healDebts(enjoyed, event.at, rules), event.kind, lateness, rules) };
}

/** Tolerances late (negative: early), held within what can be felt; never done is the latest. */
function latenessOf(event: EventOf<'promise.settled'>, rules: Ruleset): number {
  const furthest = rules.feeling.furthestTolerances;
  if (event.actualAt === null) return furthest;
  return clamp((event.actualAt - event.dueAt) / event.tolerance, -furthest, furthest);
}
