import { openingsOf } from './openings.js';
import { judgeRecord, settle, type Turn } from './settle.js';
import { inOrder, type PromiseRecord, type SubjectState } from './subject-state.js';
import type { Terms } from './terms.js';

/** A promise whose record is not what its facts give, as far as time has passed for it. */
export interface Disagreement {
  readonly promiseId: string;
  /** Which member of the record, or `said`: an event that should have been announced. */
  readonly what: 'verdict' | 'dueAtMs' | 'completedAtMs' | 'said';
  readonly found: string | number | null;
  readonly expected: string | number | null;
}

/**
 * Folds the facts of a subject anew and compares with what was decided. A record is where its facts leave it: settling it
 * once more says nothing and changes nothing.
 */
export function disagreementsOf(state: SubjectState, terms: Terms): Disagreement[] {
  const ordered = inOrder(state.facts);
  const openings = openingsOf(ordered, state.promises, terms);
  return state.promises.flatMap((record) => {
    const opening = openings.find(
      ({ guarantee, cycle }) => guarantee.name === record.guarantee && cycle === record.cycle,
    );
    if (!opening) return []; // superseded by a late fact: what it stood on is gone
    const { decidedAtMs } = record;
    const turn: Turn = {
      ordered,
      letters: state.letters ?? [],
      terms,
      decidedAtMs,
      shardTimeMs: decidedAtMs,
      announcements: [],
    };
    const judgement = judgeRecord(record, opening, turn);
    if (judgement === null) return [];
    if (record.state === 'final') return differences(record, { ...judgement, said: null });
    const settled = settle(record, opening, turn);
    const said = turn.announcements.map(({ kind }) => kind).join(', ');
    return settled === null ? [] : differences(record, { ...settled, said: said === '' ? null : said });
  });
}

function differences(
  record: PromiseRecord,
  expected: Pick<PromiseRecord, 'verdict' | 'dueAtMs' | 'completedAtMs'> & { readonly said: string | null },
): Disagreement[] {
  const { promiseId } = record;
  const found = { ...record, said: null };
  return (['verdict', 'dueAtMs', 'completedAtMs', 'said'] as const)
    .filter((what) => found[what] !== expected[what])
    .map((what) => ({ promiseId, what, found: found[what], expected: expected[what] }));
}
