import type { Fault } from '../faults/plan.js';
import type { Count } from '../oracle/oracle.js';
import type { Answers } from '../load/sender.js';
import type { Sample } from './watch.js';

/** A fault as it was done, in ms from the beginning of the load. */
export interface Inflicted {
  readonly fault: Fault | { readonly kind: 'scenario'; readonly words: string };
  readonly fromMs: number;
  readonly toMs: number;
}

/** All that a report tells. */
export interface Outcome {
  readonly title: string;
  readonly seed: number;
  readonly minutes: number;
  readonly faults: readonly Inflicted[];
  readonly counted: Count;
  readonly samples: readonly Sample[];
  readonly peakMib: Readonly<Record<string, number>>;
  readonly answers: Answers;
  readonly restMs: number;
  /** What a scenario has shown beside, one sentence each. */
  readonly notes: readonly string[];
}
