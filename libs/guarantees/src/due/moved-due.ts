import type { Interval } from '#libs/calendar';
import { describeDuration, type InstantMs } from '#libs/kernel';
import type { ClockMoves, FactView } from '../guarantee.js';
import { localMinute } from './local-minute.js';
import { pausesAfter } from './clock.js';
import type { Aim, DueRule } from './due-rule.js';

/** A deadline and, step by step, what has moved it there. */
export interface MovedDue {
  readonly atMs: InstantMs;
  /** In the order of what happened; empty when nothing did. */
  readonly words: readonly string[];
}

const NO_WORDS: readonly string[] = [];

/**
 * The deadline in force: the first aim, moved by the period it falls into, or what was promised again; then later by
 * business days, by the clock that stood still, and by what disruptions extended. null: beyond the year 2100.
 */
export function moveDue(
  rule: DueRule,
  aim: Aim,
  opening: FactView,
  startMs: number,
  moves: ClockMoves,
): MovedDue | null {
  const isUntouched =
    rule.periods.length === 0 && moves.pauses.length === 0 && moves.repromised === null && moves.businessDays === 0;
  if (isUntouched && moves.extendMs === 0) return { atMs: aim.atMs, words: NO_WORDS };
  const words: string[] = [];
  let atMs: InstantMs | null = firstDue(rule, aim, opening, moves, words);
  if (atMs !== null && moves.businessDays > 0) atMs = addBusinessDays(rule, atMs, moves.businessDays, words);
  if (atMs !== null) atMs = addPauses(rule, atMs, moves.repromised?.atMs ?? startMs, moves.pauses, words);
  if (atMs === null) return null;
  if (moves.extendMs > 0) words.push(`extended by ${describeDuration(moves.extendMs)}`);
  return { atMs: atMs + moves.extendMs, words };
}

function firstDue(rule: DueRule, aim: Aim, opening: FactView, moves: ClockMoves, words: string[]): InstantMs | null {
  if (moves.repromised !== null) {
    words.push(`promised again for ${localMinute(rule.zone, moves.repromised.dueAtMs)}`);
    return moves.repromised.dueAtMs;
  }
  const period = rule.periods.find(
    ({ fromMs, throughMs, when }) =>
      aim.atMs >= fromMs && aim.atMs <= throughMs && (when === null || when.evaluate(opening)),
  );
  if (period === undefined) return aim.atMs;
  const atMs = period.move(aim.atMs);
  if (atMs !== null) words.push(`moved to ${localMinute(rule.zone, atMs)} in ${period.words}`);
  return atMs;
}

/** The same wall time, so many business days later. */
function addBusinessDays(rule: DueRule, atMs: InstantMs, count: number, words: string[]): InstantMs | null {
  const day = rule.zone.localDayOf(atMs);
  const then = rule.days.add(day, count);
  if (then === null) return null;
  words.push(`${count} ${rule.days.words} later`);
  return rule.zone.addCivil(atMs, { days: then - day });
}

/** Each pause that begins while the clock still runs moves what is left by what the clock would have run in it. */
function addPauses(
  rule: DueRule,
  dueMs: InstantMs,
  startMs: InstantMs,
  pauses: readonly Interval[],
  words: string[],
): InstantMs | null {
  if (pauses.length === 0) return dueMs;
  let [atMs, stoodMs]: [InstantMs | null, number] = [dueMs, 0];
  for (const { fromMs, untilMs } of pausesAfter(pauses, startMs)) {
    if (atMs === null || fromMs >= atMs) break;
    const countedMs: number = rule.clock.used(fromMs, untilMs, []);
    stoodMs += countedMs;
    atMs = rule.clock.add(atMs, countedMs, []);
  }
  if (stoodMs > 0) words.push(`the clock stood still for ${describeDuration(stoodMs)}`);
  return atMs;
}
