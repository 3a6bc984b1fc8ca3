import { fireDue, type Announcement, type Decided, type SubjectState, type Terms } from '#libs/promise-engine';
import type { PromiseEventData } from '#libs/contracts';
import type { Rejected, ShardClock } from '#libs/shard-log';
import type { WorkingSet } from './working-set.js';

/** What one transaction of one shard knows and has decided so far. */
export interface Turn {
  readonly shard: number;
  clock: ShardClock;
  setHash: string | null;
  /** Rises with each change of disruptions and silences. */
  termsVersion: number;
  terms: Terms;
  readonly subjects: WorkingSet;
  readonly announcements: Announcement[];
  /** The verdict announced last of each promise. */
  readonly told: Map<string, PromiseEventData>;
  readonly rejected: Rejected[];
  readonly counts: Map<string, number>;
  readonly orphans: SubjectState[];
}

export function count(turn: Turn, what: string): void {
  turn.counts.set(what, (turn.counts.get(what) ?? 0) + 1);
}

/** Takes in what the engine decided about a subject. */
export function decide(turn: Turn, subject: string, decided: Decided): void {
  turn.subjects.set(subject, decided.state);
  for (const announcement of decided.announcements) {
    turn.announcements.push(announcement);
    turn.told.set(announcement.data.promiseId, announcement.data);
  }
}

/** What is due of a subject before the turn's place in the log. */
export function fire(turn: Turn, subject: string): void {
  const before = turn.subjects.get(subject);
  const decided = fireDue(before, turn.terms, turn.clock.shardTimeMs);
  if (decided.state === before) return; // nothing was due, of a subject that may not even exist
  if (decided.state === null) {
    count(turn, 'subjects-expired');
    if (before.facts.length > 0) turn.orphans.push(before);
  }
  decide(turn, subject, decided);
}
