import type { Interval } from '#libs/calendar';
import { MAX_INSTANT_MS, type InstantMs } from '#libs/kernel';
import {
  EvaluationError,
  type ClockMoves,
  type ComputedDue,
  type Due,
  type FactView,
  type WarnPoint,
} from '../guarantee.js';
import { NoRowError, type Tables } from '../expressions/tables.js';
import { pausesAfter } from './clock.js';
import type { Aim, DueRule } from './due-rule.js';
import { moveDue } from './moved-due.js';

/** A due of one rule, or of several of which the first that holds counts; the last has no condition. */
export function dueOfRules(rules: readonly [DueRule, ...DueRule[]], tables: Tables): Due {
  const last = rules.at(-1) as DueRule;
  const ruleFor = (opening: FactView): DueRule =>
    rules.length === 1 ? last : (rules.find(({ when }) => when === null || when.evaluate(opening)) ?? last);
  return {
    kind: last.kind,
    place: last.place,
    calendar: last.calendar,
    calendarFor: (opening) => ruleFor(opening).calendar,
    judgedTo: last.lateness.judgedTo,
    compute: (opening, moves) => computeBy(ruleFor(opening), tables, opening, moves),
    latenessMs: (due, completedAtMs) =>
      (due instanceof RuledDue ? due.rule : last).lateness.latenessMs(due.dueAtMs, completedAtMs),
    warnAtMs: (opening, due, moves, point) => warnAtMs(ruleFor(opening), opening, due.dueAtMs, moves, point),
    usedMs: (fromMs, untilMs, pauses, opening) =>
      (opening === undefined ? last : ruleFor(opening)).clock.used(fromMs, untilMs, pauses),
  };
}

function computeBy(rule: DueRule, tables: Tables, opening: FactView, moves: ClockMoves): ComputedDue | null {
  const startMs = rule.start(opening);
  let aim: Aim | null;
  let rows = NO_ROWS;
  try {
    // In the way of every fact: only a guarantee that names tables has its rows watched.
    if (!tables.isUsed) aim = rule.aim(opening, startMs, moves.spentMs);
    else ({ value: aim, rows } = tables.watch(() => rule.aim(opening, startMs, moves.spentMs)));
  } catch (error) {
    if (error instanceof EvaluationError && error.cause instanceof NoRowError) return null;
    throw error;
  }
  if (aim === null) return null;
  const moved = moveDue(rule, aim, opening, startMs, moves);
  if (moved === null || moved.atMs > MAX_INSTANT_MS) throw beyondReach(rule);
  const words = rows.length === 0 ? moved.words : [...moved.words, ...rows.map((row) => `by ${row}`)];
  return new RuledDue(rule, moved.atMs, aim, words);
}

const NO_ROWS: readonly string[] = [];

/** A due that knows the rule that made it: the lateness is judged by the same. */
class RuledDue implements ComputedDue {
  readonly inTimeUntilMs: InstantMs;

  constructor(
    readonly rule: DueRule,
    readonly dueAtMs: InstantMs,
    private readonly aim: Aim,
    private readonly moved: readonly string[],
  ) {
    this.inTimeUntilMs = rule.lateness.inTimeUntilMs(dueAtMs);
  }

  explain(): string {
    return `${[this.aim.words(), ...this.moved].join(', ')} (${this.rule.ruleText})`;
  }
}

function beyondReach({ ruleText, place }: DueRule): EvaluationError {
  return new EvaluationError(`${ruleText}: due lies beyond the year 2100`, place);
}

/** A share of the clock from the opening, or from the last re-promise, to due; or so much of it before due. */
function warnAtMs(rule: DueRule, opening: FactView, dueMs: InstantMs, moves: ClockMoves, point: WarnPoint): InstantMs {
  const startMs = moves.repromised?.atMs ?? rule.start(opening);
  const pauses: readonly Interval[] = pausesAfter(moves.pauses, startMs);
  if ('beforeMs' in point) return rule.clock.subtract(dueMs, point.beforeMs, pauses) ?? 0;
  const totalMs = moves.spentMs + rule.clock.used(startMs, dueMs, pauses);
  const leftMs = Math.floor(totalMs * point.share) - moves.spentMs;
  return leftMs <= 0 ? startMs : (rule.clock.add(startMs, leftMs, pauses) ?? dueMs);
}
