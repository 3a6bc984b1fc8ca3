import type { Rehearsed } from '../live/rehearse.js';
import { note } from '../stage.js';
import { COPY_PROMISES, COPY_SUBJECTS, LARGE_INDEXES } from './multiply-sql.js';

/** Copies what is settled, as often as it takes, under subjects of their own. */
export async function multiply({ query }: Rehearsed, times: number): Promise<void> {
  const startMs = performance.now();
  const indexes = await query<{ drop: string; make: string; end: string }>(LARGE_INDEXES);
  for (const { drop } of indexes) await query(drop);
  await query(COPY_SUBJECTS(times));
  await query(COPY_PROMISES(times));
  for (const { make, end } of indexes) {
    await query(make);
    await query(end);
  }
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  const [size] = await query<{ text: string }>(
    `select pg_size_pretty(pg_total_relation_size('settled_subject') + pg_total_relation_size('promise')) as text`,
  );
  note(`  history of ${size?.text ?? '?'} made in ${seconds} s`);
}
