import type { PromiseEventData } from '#libs/contracts';
import type { Guarantee } from '#libs/guarantees';
import { parseInstant, type InstantMs } from '#libs/kernel';
import {
  decideOnFact,
  fireDue,
  newSubject,
  takeIn,
  tellPromise,
  type SubjectState,
  type Terms,
} from '#libs/promise-engine';
import { latenessTold, owed, type Lateness, type OwedRemedy } from '#libs/remedy-engine';
import { eventsOf, type CaseLog } from './case-events.js';
import type { CaseInput, CaseLine, CaseOutcome, SchemeCase } from './scheme-case.js';

/** What the engines say to a case: the promise engine's last word, then what the remedies make of it. */
export function outcomeOf(given: SchemeCase, guarantee: Guarantee): CaseOutcome {
  const zone = given.input.calendar?.timezone ?? guarantee.timeZone;
  const log = eventsOf(given, zone);
  const verdict = verdictOf(guarantee, log);
  if (verdict === null) return { breached: false, lateBy: null, compensation: [], reasonCode: 'not_covered' };
  const { input } = given;
  const claimAtMs = input.claim === null ? null : parseInstant(input.claim.at);
  const claim = claimAtMs === null ? null : { ...input.claim, atMs: claimAtMs };
  const { lines, reasonCode } = owed(guarantee, verdict, { claim, returned: {} });
  const breached = verdict.verdict === 'breached' || verdict.verdict === 'excused';
  return {
    breached,
    lateBy: lateBy(guarantee, verdict, log.asOfMs),
    compensation: lines.map((line) => lineOf(line, input)),
    reasonCode: breached ? reasonCode : 'kept',
  };
}

/** Runs the events as sla-timer does: what is due fires before each record behind it, and at ticks. */
function verdictOf(guarantee: Guarantee, { events, judgedAtMs, asOfMs }: CaseLog): PromiseEventData | null {
  const terms: Terms = {
    active: [guarantee],
    pinned: () => guarantee,
    names: (type) => guarantee.factTypes.has(type),
    disruptions: [],
    silences: [],
    explain: () => ({ explanation: [], reasons: [] }),
  };
  let state: SubjectState = newSubject(events[0]?.subject ?? '');
  const tick = (shardTimeMs: InstantMs): void => {
    const fired = fireDue(state, terms, shardTimeMs);
    state = fired.state ?? state;
  };
  for (const event of events) {
    tick(event.receivedAtMs);
    const taken = takeIn(state, event);
    if (taken.kind !== 'new') continue;
    const decided = decideOnFact(taken.state, event, terms, event.receivedAtMs);
    state = decided.state ?? state;
  }
  const told = (): PromiseEventData | null => {
    const [promise] = state.promises;
    return promise === undefined ? null : (tellPromise(state, promise.promiseId, terms)?.data ?? null);
  };
  // Judged as of an instant, what is due at it may still be done in time. Otherwise all that ever happened is known:
  // wake-ups fire once shard time has passed them, and what never came is judged when its time is up.
  tick(asOfMs ?? judgedAtMs + 1);
  while (asOfMs === null && told()?.verdict === null && state.wakeAtMs !== null) tick(state.wakeAtMs + 1);
  return told();
}

function lateBy(guarantee: Guarantee, verdict: PromiseEventData, asOfMs: InstantMs | null): string | null {
  const told = latenessTold(guarantee, verdict);
  if (told !== null) return lateText(told);
  const isOpen =
    verdict.completedAt === undefined && verdict.failedAt === undefined && verdict.cancelledAt === undefined;
  const dueAtMs = parseInstant(verdict.dueAt);
  if (!isOpen || asOfMs === null || dueAtMs === null) return null;
  return lateText({ latenessMs: Math.max(asOfMs - dueAtMs, 0), days: null });
}

/** `PT26H3M`: hours are not folded into days; `P3D` where days are counted. */
export function lateText({ latenessMs, days }: Lateness): string {
  if (days !== null) return `P${days}D`;
  const seconds = Math.floor(latenessMs / 1_000);
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const text = `${h > 0 ? `${h}H` : ''}${m > 0 ? `${m}M` : ''}${s > 0 ? `${s}S` : ''}`;
  return `PT${text === '' ? '0S' : text}`;
}

/** ISO 4217: no currency involved. */
const NO_CURRENCY = 'XXX';

/** Words and gifts are lines of nothing in the case's currency; points are in none. */
function lineOf(line: OwedRemedy, { currency }: CaseInput): CaseLine {
  const told = line.isMoney ? (line.currency ?? currency) : line.kind === 'points' ? NO_CURRENCY : currency;
  return { kind: line.label ?? line.kind, amountMinor: line.amountMinor, currency: told };
}
