import { keptEvent, openingEvent, isBroken } from '../pipeline/workload.js';
import type { CloudEvent } from '#libs/contracts';

/** Of bench-soak.yaml. */
export const ALLOWANCE_MS = 5_000;
const DUE_AFTER_MIN_MS = 30_000;
const DUE_AFTER_SPAN_MS = 90_000;
/** A broken promise is delivered so long after its breach, more or less. */
const LATE_AFTER_MIN_MS = 3_000;
const LATE_AFTER_SPAN_MS = 7_000;
/** Facts come in steps of so long. */
const SLOT_MS = 50;
/** Opened last, settled and closed by then: from here on as many promises are open as ever will be. */
export const STEADY_AFTER_MS = 150_000;

export interface SoakFact {
  readonly kind: 'opened' | 'kept' | 'late';
  /** Number of the promise. */
  readonly i: number;
  readonly atMs: number;
}

/**
 * A load that never changes: promises of 30 to 120 s are opened evenly, two facts each. Nine in ten are kept in time; the
 * tenth is broken and delivered late, so that the fact itself has a verdict that is announced.
 */
export class SoakLoad {
  private opened = 0;
  private slot = 0;
  private readonly later = new Map<number, SoakFact[]>();

  constructor(private readonly factsPerSecond: number) {}

  /** The facts that happen up to so many milliseconds after the beginning, beyond those given before; in order. */
  until(elapsedMs: number): SoakFact[] {
    const facts: SoakFact[] = [];
    const opensEveryMs = 2_000 / this.factsPerSecond;
    for (; this.opened * opensEveryMs <= elapsedMs; this.opened++) {
      const [i, atMs] = [this.opened, this.opened * opensEveryMs];
      facts.push({ kind: 'opened', i, atMs });
      const second = secondFactOf(i, atMs);
      const slot = Math.ceil(second.atMs / SLOT_MS);
      const others = this.later.get(slot);
      if (others) others.push(second);
      else this.later.set(slot, [second]);
    }
    for (; this.slot * SLOT_MS <= elapsedMs; this.slot++) {
      facts.push(...(this.later.get(this.slot) ?? []));
      this.later.delete(this.slot);
    }
    return facts.sort((a, b) => a.atMs - b.atMs);
  }
}

export function dueAfterMsOf(i: number): number {
  return DUE_AFTER_MIN_MS + (mixed(i, 0x9e3779b1) % DUE_AFTER_SPAN_MS);
}

function secondFactOf(i: number, openedAtMs: number): SoakFact {
  const dueAfterMs = dueAfterMsOf(i);
  const more = mixed(i, 0x85ebca6b);
  if (!isBroken(i)) {
    const share = 0.2 + (0.7 * (more % 1_000)) / 1_000;
    return { kind: 'kept', i, atMs: openedAtMs + dueAfterMs * share };
  }
  const lateMs = LATE_AFTER_MIN_MS + (more % LATE_AFTER_SPAN_MS);
  return { kind: 'late', i, atMs: openedAtMs + dueAfterMs + ALLOWANCE_MS + lateMs };
}

/** @param fromMs log time of the beginning. */
export function eventOfFact({ kind, i, atMs }: SoakFact, fromMs: number): CloudEvent {
  const logMs = fromMs + Math.floor(atMs);
  return kind === 'opened' ? openingEvent(i, logMs, dueAfterMsOf(i)) : keptEvent(i, logMs);
}

function mixed(i: number, factor: number): number {
  return Math.imul(i + 1, factor) >>> 0;
}
