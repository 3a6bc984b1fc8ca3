import type { CloudEvent, PromiseEventData } from '#libs/contracts';
import { EvaluationError, type Guarantee } from '#libs/guarantees';
import { parseInstant, type InstantMs, type Problem } from '#libs/kernel';
import { factOf } from '#libs/promise-engine';
import { owed, type Owed } from '#libs/remedy-engine';
import { SubjectRun, type Step } from '../judging/subject-run.js';
import type { FeedItem } from '../replay/feed-order.js';

/** One promise that the history would have made, and what it would have cost. */
export interface PastPromise {
  readonly data: PromiseEventData;
  readonly owed: Owed;
}

export interface JudgedHistory {
  /** In the order of their subjects in the history. */
  readonly promises: readonly PastPromise[];
  /** What could not count, each with its reason. */
  readonly problems: readonly Problem[];
}

export interface JudgingTerms {
  readonly guarantee: Guarantee;
  /** Judged as of this instant; null: the last event. */
  readonly untilMs: InstantMs | null;
  /** Everybody claims what has to be claimed, at the moment of the verdict; otherwise nobody does. */
  readonly allClaim: boolean;
}

/**
 * A history under one guarantee, as if that had been in force from its first event: every subject by itself through the
 * promise engine and the remedy engine, in memory. @param items in the order in which facts were learned
 */
export function judgeHistory(
  items: readonly FeedItem[],
  { guarantee, untilMs, allClaim }: JudgingTerms,
): JudgedHistory {
  const inForce = { ...guarantee, effectiveFromMs: null };
  const lastMs = untilMs ?? items.at(-1)?.atMs ?? 0;
  const problems: Problem[] = [];
  const promises: PastPromise[] = [];
  for (const [subject, steps] of stepsBySubject(items, inForce, lastMs, problems)) {
    const run = new SubjectRun([inForce], subject);
    try {
      for (const { data } of run.judge(steps, lastMs)) {
        const claim = allClaim ? { atMs: parseInstant(data.decidedAt) ?? lastMs } : null;
        promises.push({ data, owed: owed(inForce, data, { claim, returned: {} }) });
      }
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      problems.push({ code: 'FACT_NOT_EVALUABLE', detail: error.message });
    }
    problems.push(...run.refused);
  }
  return { promises, problems };
}

function stepsBySubject(
  items: readonly FeedItem[],
  guarantee: Guarantee,
  lastMs: InstantMs,
  problems: Problem[],
): Map<string, Step[]> {
  const steps = new Map<string, Step[]>();
  for (const { atMs, text } of items) {
    if (atMs > lastMs) continue;
    const event = JSON.parse(text) as CloudEvent;
    if (!guarantee.factTypes.has(event.type)) continue;
    const fact = factOf(event, atMs);
    if ('reason' in fact) {
      problems.push({ code: fact.reason, detail: `event ${event.id}: ${fact.detail}` });
      continue;
    }
    const known = steps.get(event.subject);
    if (known === undefined) steps.set(event.subject, [{ atMs, fact }]);
    else known.push({ atMs, fact });
  }
  return steps;
}
