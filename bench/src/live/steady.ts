import { DEFAULT_SHARD_COUNT } from '#libs/contracts';
import { ProblemError } from '#libs/kernel';
import { keptEvent, lineOf, openingEvent, START_MS, subjectOf, type LogLine } from '../pipeline/workload.js';
import { latenciesOf, type Latencies } from './statistics.js';
import type { Watcher } from './watcher.js';

const KEPT_AFTER_MS = 1_000;
/** A fact that was written so shortly before a phase begins may wait for what happens then. */
const ON_THE_WAY_MS = 1_000;

/** What happens at which millisecond; a phase ends where the next begins. */
export interface Phase {
  readonly what: string;
  readonly atMs: number;
}
export type PhaseWaits = Latencies & { readonly what: string };

export interface SteadyFact {
  /** Of the promise. */
  readonly i: number;
  readonly isKept: boolean;
}

/** Promises that are opened at a steady rate, each kept a second later: two facts a promise, until `endMs`. */
export class SteadyFacts {
  /** The completions that were due so far. */
  readonly written: { readonly subject: string; readonly elapsedMs: number; readonly atMs: number }[] = [];
  private opened = 0;
  private kept = 0;

  /** @param isForgotten a promise that is never kept */
  constructor(
    private readonly perSecond: number,
    private endMs: number,
    private readonly isForgotten: (i: number) => boolean = () => false,
  ) {}

  /** How many promises were opened so far. */
  get promises(): number {
    return this.opened;
  }

  /** So many milliseconds after the beginning the last fact has been given. */
  get lastMs(): number {
    return this.endMs + KEPT_AFTER_MS;
  }

  /** No promise is opened from then on; those that are will be kept. */
  endAt(elapsedMs: number): void {
    this.endMs = Math.min(this.endMs, elapsedMs);
  }

  /** What is due by so many milliseconds after the beginning, beyond what was given before. */
  due(elapsedMs: number): SteadyFact[] {
    const facts: SteadyFact[] = [];
    const pairs = (sinceMs: number): number => (Math.min(sinceMs, this.endMs) * this.perSecond) / 2_000;
    for (; this.opened < pairs(elapsedMs); this.opened++) facts.push({ i: this.opened, isKept: false });
    for (; this.kept < pairs(elapsedMs - KEPT_AFTER_MS); this.kept++) {
      if (this.isForgotten(this.kept)) continue;
      facts.push({ i: this.kept, isKept: true });
      this.written.push({ subject: subjectOf(this.kept), elapsedMs, atMs: performance.now() });
    }
    return facts;
  }

  /**
   * How long completions waited for their verdict, by what happened meanwhile.
   * @throws ProblemError BENCH_TOO_FAST: a verdict is missing
   */
  waits(phases: readonly Phase[], watcher: Watcher): PhaseWaits[] {
    const waited = this.written.map((each) => ({
      ...each,
      waitedMs: (watcher.firstSeenMs('kept', each.subject) ?? Infinity) - each.atMs,
    }));
    const missing = waited.filter(({ waitedMs }) => waitedMs === Infinity);
    if (missing.length > 0)
      throw new ProblemError({
        code: 'BENCH_TOO_FAST',
        detail: `all ${waited.length} verdicts told → ${missing.length} were not, ${missing[0]?.subject} among them`,
        advice: 'give a lower --rate: where that does not help they are lost',
      });
    return phases.map(({ what, atMs }, n) => {
      const untilMs = phases[n + 1]?.atMs ?? Infinity;
      const of = waited.filter(({ elapsedMs }) => {
        const sinceMs = elapsedMs + ON_THE_WAY_MS;
        return sinceMs >= atMs && sinceMs < untilMs;
      });
      return { what, ...latenciesOf(of.map(({ waitedMs }) => waitedMs)) };
    });
  }
}

/** What is due, as it stands in a log that begins at `START_MS`. */
export function linesOf(facts: SteadyFacts, elapsedMs: number): LogLine[] {
  const atMs = START_MS + Math.floor(elapsedMs);
  return facts
    .due(elapsedMs)
    .map(({ i, isKept }) => lineOf(isKept ? keptEvent(i, atMs) : openingEvent(i, atMs), atMs, DEFAULT_SHARD_COUNT));
}
