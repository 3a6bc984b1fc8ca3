import type { PromiseEventData } from '#libs/contracts';
import type { Guarantee } from '#libs/guarantees';
import { countedFacts } from './counted-facts.js';
import { judge, type Judgement } from './judge.js';
import { factsOf } from './learned-facts.js';
import { openingsOf } from './openings.js';
import { promiseData } from './promise-data.js';
import { inOrder, type PromiseRecord, type SubjectState } from './subject-state.js';
import type { Terms } from './terms.js';

/** A promise as it stands now, in the form in which it is announced; null when the subject has no such promise. */
export function tellPromise(
  state: SubjectState,
  promiseId: string,
  terms: Terms,
): {
  readonly record: PromiseRecord;
  readonly data: PromiseEventData;
  readonly guarantee: Guarantee;
  readonly judgement: Judgement;
} | null {
  const record = state.promises.find((promise) => promise.promiseId === promiseId);
  if (!record) return null;
  const ordered = inOrder(state.facts);
  const opening = openingsOf(ordered, state.promises, terms).find(
    ({ guarantee, cycle }) => guarantee.name === record.guarantee && cycle === record.cycle,
  );
  if (!opening) return null;
  const judgement = judge({
    opening,
    promiseId,
    ordered,
    letters: state.letters ?? [],
    terms,
    throughMs: record.firedThroughMs,
    windowEndMs: record.windowEndMs,
  });
  if (judgement === null) return null;
  const told = { ...judgement, state: record.state, verdict: record.verdict, decidedAtMs: record.decidedAtMs };
  const data = promiseData(record, told, opening, terms, null);
  return { record, data, guarantee: opening.guarantee, judgement };
}

/** What a promise carries along, without judging it: for rows that are written with every fact. */
export function carriedFacts(
  state: SubjectState,
  record: PromiseRecord,
  guarantee: Guarantee,
): Readonly<Record<string, unknown>> {
  const [source, id] = record.openedBy;
  const opening = state.facts.find((fact) => fact.id === id && fact.source === source);
  if (opening === undefined) return {};
  const counted =
    guarantee.evidence.learned.length === 0
      ? state.facts
      : countedFacts(guarantee, inOrder(state.facts), record.promiseId, record.windowEndMs);
  return factsOf(guarantee, counted, { opening, openedAtMs: record.openedAtMs, dueAtMs: record.dueAtMs });
}
