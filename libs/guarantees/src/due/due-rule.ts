import type { WorkingCalendar, Zone } from '#libs/calendar';
import type { InstantMs } from '#libs/kernel';
import type { Due, Expression, FactView, Place } from '../guarantee.js';
import type { BusinessDays } from './business-days.js';
import type { Clock } from './clock.js';
import type { Lateness } from './lateness.js';

/** Where a deadline lies before anything has moved it. */
export interface Aim {
  readonly atMs: InstantMs;
  readonly words: () => string;
}

/** A deadline moved in a period, e.g. to the end of the day before Christmas. */
export interface Period {
  /** In words, e.g. "the period from 2017-12-18 to 2017-12-23". */
  readonly words: string;
  readonly fromMs: InstantMs;
  /** The last millisecond of the period. */
  readonly throughMs: InstantMs;
  readonly when: Expression<boolean> | null;
  move(atMs: InstantMs): InstantMs | null;
}

/** One way of setting a deadline; a due has one, or several to choose from. */
export interface DueRule {
  readonly kind: Due['kind'];
  readonly place: Place;
  /** e.g. "guarantees/x.yaml v1, line 20" */
  readonly ruleText: string;
  readonly when: Expression<boolean> | null;
  readonly zone: Zone;
  readonly calendar: WorkingCalendar | null;
  readonly clock: Clock;
  readonly days: BusinessDays;
  readonly lateness: Lateness;
  readonly periods: readonly Period[];
  /** When the clock begins. @throws EvaluationError */
  start(opening: FactView): InstantMs;
  /** @param spentMs clock used up before, by a promise that goes on. null: nothing is promised. @throws EvaluationError */
  aim(opening: FactView, startMs: InstantMs, spentMs: number): Aim | null;
}
