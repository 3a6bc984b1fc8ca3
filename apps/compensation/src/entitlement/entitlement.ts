import type { Parties, PromiseEventData } from '#libs/contracts';
import type { InstantMs } from '#libs/kernel';
import type { OwedRemedy } from '#libs/remedy-engine';
import type { Line } from './line.js';

/** What every line of a promise repeats; fixed by its opening. */
export interface PromiseContext {
  readonly guarantee: string;
  readonly guaranteeVersion: number;
  readonly mode: 'live' | 'shadow';
  readonly subject: string;
  readonly customer: string;
  readonly parties: Parties;
  readonly refs: Readonly<Record<string, string>>;
  readonly group?: string;
}

/** A promise's breach as the breaker counted it. */
export interface CountedBreach {
  /** '': the guarantee counts none apart. */
  readonly region: string;
  readonly decidedAtMs: InstantMs;
}

/** All that is owed and all that was issued for one promise. */
export interface Entitlement {
  readonly promiseId: string;
  readonly breachId: string;
  readonly compensationId: string;
  readonly promise: PromiseContext;
  /** `sequence` of the newest promise event applied; 0: none. */
  readonly sequence: number;
  /** Hash of that event's content; null: learned from our own output, the event itself not seen (again). */
  readonly contentHash: string | null;
  /** What that event said; null: learned from our own output. */
  readonly verdict: PromiseEventData | null;
  /** As of that event, and of what was claimed and given back otherwise since. */
  readonly owed: readonly OwedRemedy[];
  /** null: it was not breached, or its guarantee has no breaker. A breach that is read again is known by it. */
  readonly counted: CountedBreach | null;
  /** In order of issue. */
  readonly lines: readonly Line[];
}

/** How much of a remedy is owed, in the units of its lines: words and gifts count as one. */
export function owedUnits(remedy: OwedRemedy): number {
  return remedy.currency === null ? 1 : remedy.amountMinor;
}
