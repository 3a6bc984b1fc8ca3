import { mergeIntervals, type Interval } from '#libs/calendar';
import { UNMOVED, type ClockMoves, type ComputedDue, type FactView, type Guarantee } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import { matches } from './counted-facts.js';
import { pausesOf, type Pause } from './pauses.js';
import type { Fact } from './subject-state.js';
import type { Disruption } from './terms.js';

const DAY_MS = 86_400_000;

/** The deadline of a promise with everything that moved it. */
export interface Deadline {
  readonly due: ComputedDue;
  readonly moves: ClockMoves;
  /** The due as first promised. */
  readonly firstDueAtMs: InstantMs;
  /** Re-promises accepted, in order. */
  readonly repromises: readonly { readonly atMs: InstantMs; readonly dueAtMs: InstantMs }[];
  readonly pauses: readonly Pause[];
  /** The pause in which the clock stands, while only time can end it. */
  readonly standing: Pause | null;
  /** Instants at which time alone changes it. */
  readonly wakesMs: readonly InstantMs[];
}

export interface DeadlineOf {
  readonly guarantee: Guarantee;
  readonly opening: FactView;
  readonly spentMs: number;
  readonly facts: readonly Fact[];
  /** Disruptions with the effects `pause` and `extend` whose scope holds. */
  readonly disruptions: readonly Disruption[];
  /** Instants up to here have passed. */
  readonly throughMs: InstantMs;
  /** The promise is completed: what comes later moves nothing. */
  readonly completedAtMs: InstantMs | null;
}

/** The deadline that the facts give. null: this opening is promised nothing. */
export function deadlineOf(question: DeadlineOf): Deadline | null {
  const { guarantee, opening, facts, spentMs, disruptions } = question;
  const { evidence } = guarantee;
  const start = spentMs === 0 ? UNMOVED : { ...UNMOVED, spentMs };
  const first = guarantee.due.compute(opening, start);
  if (first === null) return null;
  const plain = unmoved(first, start);
  if (evidence.paused.length === 0 && evidence.rescheduled.length === 0 && disruptions.length === 0) return plain;
  const promise = { opening, openedAtMs: opening.occurredAtMs, dueAtMs: first.dueAtMs };
  const pauses = [
    ...pausesOf(guarantee, facts, promise),
    ...disruptions.filter(({ effect }) => effect === 'pause').map(pauseOfDisruption),
  ];
  const clock = new Clock(question, pauses);
  const repromises = acceptedRepromises(question, clock, promise.openedAtMs);
  const inForce = evidence.firstLiability === 'nil' ? (repromises.at(-1) ?? null) : null;
  const isEnding = (pause: Pause): boolean => pause.isOpen && question.throughMs < pause.untilMs;
  const closed = clock.due(inForce, (pause) => !isEnding(pause));
  const standing =
    question.completedAtMs === null
      ? (pauses.find((p) => isEnding(p) && p.fromMs < closed.due.dueAtMs && p.fromMs <= clock.nowMs) ?? null)
      : null;
  const { due, moves } = standing === null ? clock.due(inForce, () => true) : closed;
  const wakesMs = pauses.flatMap(({ isOpen, fromMs, untilMs }) => (isOpen ? [fromMs, untilMs] : []));
  return { ...plain, due, moves, pauses, repromises, standing, wakesMs };
}

function unmoved(due: ComputedDue, moves: ClockMoves): Deadline {
  const firstDueAtMs = due.dueAtMs;
  return { due, moves, firstDueAtMs, pauses: NONE, repromises: NONE, wakesMs: NONE, standing: null };
}

const NONE: readonly never[] = [];

/** A disruption is known to its end: it pauses from its start, and time ends it. */
function pauseOfDisruption({ fromMs, untilMs, reason }: Disruption): Pause {
  return { fromMs, untilMs, isOpen: true, reason, effect: 'clock' };
}

/** The dues that follow from one promise's pauses, under a re-promise or none. */
class Clock {
  /** Facts lie in the past; time itself is known as far as wake-ups have fired. */
  readonly nowMs: InstantMs;

  constructor(
    private readonly question: DeadlineOf,
    private readonly pauses: readonly Pause[],
  ) {
    this.nowMs = Math.max(question.throughMs, question.facts.at(-1)?.occurredAtMs ?? 0);
  }

  due(
    repromised: ClockMoves['repromised'],
    counts: (pause: Pause) => boolean,
    untilMs: InstantMs = this.question.completedAtMs ?? Number.POSITIVE_INFINITY,
  ): { due: ComputedDue; moves: ClockMoves } {
    const { guarantee, opening, spentMs, disruptions } = this.question;
    const fromMs = repromised?.atMs ?? opening.occurredAtMs;
    const counted = this.pauses.filter(counts).flatMap((pause) => clip(pause, fromMs, untilMs));
    const pauses = mergeIntervals(counted.filter(({ effect }) => effect === 'clock'));
    const businessDays = counted
      .filter(({ effect }) => effect === 'business-day')
      .reduce((days, pause) => days + Math.ceil((pause.untilMs - pause.fromMs) / DAY_MS), 0);
    const moves = { pauses, spentMs: repromised === null ? spentMs : 0, repromised, businessDays, extendMs: 0 };
    const due = guarantee.due.compute(opening, moves) as ComputedDue;
    const extendMs = disruptions
      .filter((d) => d.effect === 'extend' && overlaps(d, opening.occurredAtMs, due.dueAtMs))
      .reduce((sum, d) => sum + d.untilMs - d.fromMs, 0);
    if (extendMs === 0) return { due, moves };
    const extended = { ...moves, extendMs };
    return { due: guarantee.due.compute(opening, extended) as ComputedDue, moves: extended };
  }
}

function acceptedRepromises(
  { guarantee, facts, opening }: DeadlineOf,
  clock: Clock,
  openedAtMs: InstantMs,
): Deadline['repromises'] {
  const { rescheduled, rescheduledAtMost } = guarantee.evidence;
  const accepted: { atMs: InstantMs; dueAtMs: InstantMs }[] = [];
  if (rescheduled.length === 0) return accepted;
  for (const fact of facts) {
    if (accepted.length === (rescheduledAtMost ?? Number.POSITIVE_INFINITY)) break;
    const atMs = fact.occurredAtMs;
    if (atMs < openedAtMs || !rescheduled.some(({ on }) => on === fact.type)) continue;
    const { due } = clock.due(accepted.at(-1) ?? null, () => true, atMs);
    const promise = { opening, openedAtMs, dueAtMs: due.dueAtMs };
    const pattern = rescheduled.find((each) => matches(each, fact, promise));
    if (pattern === undefined || atMs + pattern.noticeAtLeastMs > due.dueAtMs) continue;
    accepted.push({ atMs, dueAtMs: pattern.to.evaluate(fact, promise) });
  }
  return accepted;
}

/** A disruption covers a promise when it overlaps `[openedAt, dueAt]`, both ends included. */
export function overlaps(interval: Interval, openedAtMs: InstantMs, dueAtMs: InstantMs): boolean {
  return interval.fromMs <= dueAtMs && interval.untilMs > openedAtMs;
}

function clip(pause: Pause, fromMs: InstantMs, untilMs: InstantMs): Pause[] {
  const clipped = { ...pause, fromMs: Math.max(pause.fromMs, fromMs), untilMs: Math.min(pause.untilMs, untilMs) };
  return clipped.untilMs > clipped.fromMs ? [clipped] : [];
}
