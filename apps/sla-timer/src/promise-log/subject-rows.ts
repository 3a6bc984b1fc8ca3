import type { Sql } from '#libs/persistence';
import type { SubjectState } from '#libs/promise-engine';
import { ADD_SETTLED, ADD_SUBJECTS, CHANGE_SETTLED, CHANGE_SUBJECTS, DELETE_SETTLED, DELETE_SUBJECTS } from './sql.js';

/**
 * The table that a subject's document lies in: open are those that wake by themselves, the others are settled until
 * another fact about them comes. Follows from the state alone, so a subject can never be in both.
 */
export type Place = 'open' | 'settled';
export const placeOf = ({ wakeAtMs }: SubjectState): Place => (wakeAtMs === null ? 'settled' : 'open');

/** Rows that a transaction writes, or takes away, in one table. */
export interface SubjectChanges {
  readonly added: SubjectState[];
  readonly changed: SubjectState[];
  readonly gone: string[];
}

const STATEMENTS = {
  open: { added: ADD_SUBJECTS, changed: CHANGE_SUBJECTS, gone: DELETE_SUBJECTS },
  settled: { added: ADD_SETTLED, changed: CHANGE_SETTLED, gone: DELETE_SETTLED },
} as const;

/** @param subjects where each lies now, and how it is to be; null: nothing is left of it */
export function changesOf(
  subjects: Iterable<readonly [subject: string, before: Place | undefined, state: SubjectState | null]>,
): Record<Place, SubjectChanges> {
  const changes = { open: noChanges(), settled: noChanges() };
  for (const [subject, before, state] of subjects) {
    const after = state && placeOf(state);
    if (before && before !== after) changes[before].gone.push(subject);
    if (state && after) changes[after][before === after ? 'changed' : 'added'].push(state);
  }
  return changes;
}

/** @param encode documents of states, in their order */
export async function writeSubjects(
  shard: number,
  place: Place,
  { added, changed, gone }: SubjectChanges,
  encode: (states: readonly SubjectState[]) => Promise<readonly string[]>,
  tx: Sql,
): Promise<void> {
  const statements = STATEMENTS[place];
  if (gone.length > 0) await tx.query(statements.gone, [shard, gone]);
  for (const [statement, states] of [
    [statements.added, added],
    [statements.changed, changed],
  ] as const) {
    if (states.length === 0) continue;
    const docs = await encode(states);
    const rows = [shard, states.map(({ subject }) => subject), docs.join('\n')];
    await tx.query(statement, place === 'open' ? [...rows, states.map(({ wakeAtMs }) => wakeAtMs)] : rows);
  }
}

const noChanges = (): SubjectChanges => ({ added: [], changed: [], gone: [] });
