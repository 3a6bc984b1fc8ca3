import type { PromiseEventKind, PromiseState, Verdict } from '#libs/contracts';
import type { FactView } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';

/** A fact as recorded. `occurredAtMs` counts: what the source claimed, but never later than its receipt. */
export interface Fact extends FactView {
  readonly claimedAtMs: InstantMs;
  readonly receivedAtMs: InstantMs;
  readonly revision: number;
}

/** What was announced, for the timeline; [sequence, kind, decidedAtMs]. */
export type Announced = readonly [sequence: number, kind: PromiseEventKind, decidedAtMs: InstantMs];

/** What has been decided and said about one promise. Facts are not here: the verdict is folded from them anew. */
export interface PromiseRecord {
  readonly promiseId: string;
  readonly guarantee: string;
  /** Version and build are pinned at the opening. */
  readonly version: number;
  readonly build: string;
  readonly cycle: string;
  readonly customer: string;
  readonly owner: string | null;
  /** The fact that opened it: `[source, id]`. */
  readonly openedBy: readonly [source: string, id: string];
  /** When its opening was learned: no warning fires for a moment before. */
  readonly learnedAtMs: InstantMs;
  readonly state: PromiseState;
  readonly verdict: Verdict | null;
  readonly openedAtMs: InstantMs;
  readonly dueAtMs: InstantMs;
  readonly completedAtMs: InstantMs | null;
  readonly decidedAtMs: InstantMs;
  /** Number of events announced. */
  readonly sequence: number;
  /** Under `announce: consequences` nothing is said before the first breach. */
  readonly speaks: boolean;
  /** A breach was announced at some time: its id is known outside. */
  readonly everBreached: boolean;
  /** Warnings that fired since the due in force was promised. */
  readonly warned: readonly string[];
  /** Re-promises told. */
  readonly repromises: number;
  /** Bands of lateness told. */
  readonly band: number;
  /** End of the correction window, set once by the first verdict. */
  readonly windowEndMs: InstantMs | null;
  /** Latest wake-up instant that has fired: what is due by time counts as passed up to here. */
  readonly firedThroughMs: InstantMs;
  /** Next instant at which time alone may change it; null when nothing can change any more. */
  readonly wakeAtMs: InstantMs | null;
  readonly timeline: readonly Announced[];
}

/** A dead letter of the subject, as far as it was told. */
export interface Letter {
  readonly id: string;
  readonly openedAtMs: InstantMs | null;
  /** Replayed or discarded; null while undecided. */
  readonly closedAtMs: InstantMs | null;
}

/** Everything known about one subject: its facts in order of arrival and its promises. One row in the database. */
export interface SubjectState {
  readonly subject: string;
  readonly facts: readonly Fact[];
  readonly promises: readonly PromiseRecord[];
  readonly letters?: readonly Letter[];
  /** An opening that no guarantee covers was seen: its facts are counted and dropped until then. */
  readonly notCoveredUntilMs: InstantMs | null;
  /** When it is looked at next: the least of its promises' instants, but not before what has been read; null: never. */
  readonly wakeAtMs: InstantMs | null;
}

export function newSubject(subject: string): SubjectState {
  return { subject, facts: [], promises: [], notCoveredUntilMs: null, wakeAtMs: null };
}

/** Facts of one subject in the one order that verdicts follow: (occurredAt, receivedAt, id). */
export function inOrder(facts: readonly Fact[]): readonly Fact[] {
  for (let n = 1; n < facts.length; n++)
    if (compare(facts[n - 1] as Fact, facts[n] as Fact) > 0) return [...facts].sort(compare);
  return facts; // Most come in the order in which they happened.
}

function compare(a: Fact, b: Fact): number {
  return a.occurredAtMs - b.occurredAtMs || a.receivedAtMs - b.receivedAtMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
