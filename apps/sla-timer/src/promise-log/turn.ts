import { fireDue, type Announcement, type Decided, type SubjectState, type Terms } from '#libs/promise-engine';
import { partitionOf, type PromiseEventData } from '#libs/contracts';
import type { Told } from './announce.js';
import type { Rejected, ShardClock } from '#libs/shard-log';
import type { ShardMemory } from './shard-memory.js';
import type { WorkingSet } from './working-set.js';

export type Shown = Pick<PromiseEventData, 'mode' | 'facts' | 'latenessMs'>;

/** What one transaction of one shard knows and has decided so far. */
export interface Turn {
  readonly shard: number;
  readonly memory: ShardMemory;
  clock: ShardClock;
  /** While a command or tick is applied that was copied from a log with other shards: the time in each of those. */
  timesMs: readonly number[] | null;
  setHash: string | null;
  /** Rises with each change of disruptions and silences. */
  termsVersion: number;
  terms: Terms;
  /** See ShardPosition. */
  firedBeforeMs: number | null;
  readonly subjects: WorkingSet;
  /** Announcements are written out as they are made: their objects would outlive the young generation. */
  readonly announce: (announcement: Announcement) => Told;
  readonly announced: Told[];
  /** Of the verdict announced last of each promise, what its row shows. */
  readonly verdicts: Map<string, Shown>;
  readonly rejected: Rejected[];
  readonly counts: Map<string, number>;
  readonly orphans: SubjectState[];
  /** Shard time at each firing less the instant that the subject was to wake at, in milliseconds. */
  readonly latenessesMs: number[];
}

export function count(turn: Turn, what: string): void {
  turn.counts.set(what, (turn.counts.get(what) ?? 0) + 1);
}

/** Takes in what the engine decided about a subject. */
export function decide(turn: Turn, subject: string, decided: Decided): void {
  turn.subjects.set(subject, decided.state);
  for (const announcement of decided.announcements) {
    turn.announced.push(turn.announce(announcement));
    const { promiseId, mode, facts, latenessMs } = announcement.data;
    turn.verdicts.set(promiseId, latenessMs === undefined ? { mode, facts } : { mode, facts, latenessMs });
  }
}

/**
 * Shard time for a subject. The shards of a log that was copied from one with another number of them heard of a command at
 * times that are milliseconds apart: each subject is decided at the time of the shard that it was in.
 */
export function timeOf({ timesMs, clock }: Turn, subject: string): number {
  return timesMs?.[partitionOf(subject, timesMs.length)] ?? clock.shardTimeMs;
}

/** What is due of a subject before the turn's place in the log. */
export function fire(turn: Turn, subject: string): void {
  const before = turn.subjects.get(subject);
  const shardTimeMs = timeOf(turn, subject);
  const decided = fireDue(before, turn.terms, shardTimeMs);
  if (decided.state === before) return; // nothing was due, of a subject that may not even exist
  turn.latenessesMs.push(shardTimeMs - (before.wakeAtMs ?? shardTimeMs));
  if (decided.state === null) {
    count(turn, 'subjects-expired');
    if (before.facts.length > 0) turn.orphans.push(before);
  }
  decide(turn, subject, decided);
}
