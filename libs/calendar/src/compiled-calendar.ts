import type { InstantMs } from '#libs/kernel';
import type { DayNumber } from './working-calendar.js';

/** From `fromMs` on the wall clock is `offsetMs` ahead of UTC. */
export type Transition = readonly [fromMs: InstantMs, offsetMs: number];

/** A window of a local day, half-open, in milliseconds of the wall clock from 0 to 86,400,000 (24:00). */
export type Window = readonly [fromMsOfDay: number, untilMsOfDay: number];

/** The changes of a zone's clocks from 1970 to 2100: what engines compute from, whatever tz data their host has. */
export interface CompiledZone {
  /** Name in the tz database. */
  readonly name: string;
  /** Over everything but `tzVersion`: other tz data that says the same gives the same hash. */
  readonly hash: string;
  /** Version of the tz data it was compiled from, e.g. `2026c`. */
  readonly tzVersion: string;
  /** In order; the first holds since ever. */
  readonly transitions: readonly Transition[];
}

/** Opening hours by weekday, in force from an instant or from a local date on; the first of a calendar since ever. */
export interface CompiledWeek {
  readonly fromDay?: DayNumber;
  readonly fromMs?: InstantMs;
  /** Seven lists, Monday first; the windows of each are in order and do not touch. */
  readonly days: readonly (readonly Window[])[];
}

/**
 * A calendar as activated: one self-contained JSON value that travels through the log and is stored with the promises
 * that use it. Make a `WorkingCalendar` of it with `calendarOf`.
 */
export interface CompiledCalendar {
  readonly name: string;
  /** Over everything but `tzVersion`. */
  readonly hash: string;
  /** Name of its zone in the tz database. */
  readonly zone: string;
  readonly tzVersion: string;
  readonly transitions: readonly Transition[];
  /** In the order in which they come into force. */
  readonly weeks: readonly CompiledWeek[];
  /** Local days without any opening, in order. */
  readonly holidays: readonly DayNumber[];
}
