import type { Guarantee, Warning } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import { matches } from './counted-facts.js';
import type { Judgement } from './judge.js';
import type { PromiseRecord } from './subject-state.js';

/**
 * The warnings that have come due by `throughMs` and were not told yet, and when the next ones will. None for a moment
 * before the opening was learned, none while the clock stands, none from due on.
 */
export function warningsOf(
  guarantee: Guarantee,
  record: PromiseRecord,
  judgement: Judgement,
  throughMs: InstantMs,
): { readonly due: readonly Warning[]; readonly wakesMs: readonly InstantMs[] } {
  const isWaiting = judgement.verdict === null && judgement.deadline.standing === null;
  if (guarantee.warnings.length === 0 || !isWaiting || throughMs >= judgement.inTimeUntilMs) return NONE;
  const due: Warning[] = [];
  const wakesMs: InstantMs[] = [];
  for (const warning of guarantee.warnings) {
    if (record.warned.includes(warning.id)) continue;
    const atMs = pointOf(guarantee, warning, judgement);
    if (atMs === null || atMs >= judgement.inTimeUntilMs) continue;
    if ('on' in warning.point || (atMs <= throughMs && atMs > record.learnedAtMs)) due.push(warning);
    else if (atMs > record.learnedAtMs) wakesMs.push(atMs);
  }
  return { due, wakesMs };
}

const NONE = { due: [], wakesMs: [] };

/** When it warns; for a warning by a fact when that happened, null while it has not. */
function pointOf({ due }: Guarantee, { point }: Warning, judgement: Judgement): InstantMs | null {
  const { opening, openedAtMs, dueAtMs, deadline } = judgement;
  if (!('on' in point)) return due.warnAtMs(opening, deadline.due, deadline.moves, point);
  const promise = { opening, openedAtMs, dueAtMs };
  const told = judgement.counted.findLast((fact) => fact.occurredAtMs >= openedAtMs && matches(point, fact, promise));
  return told?.occurredAtMs ?? null;
}
