import type { Guarantee, Warning } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import { matches } from './counted-facts.js';
import type { Judgement } from './judge.js';
import type { PromiseRecord } from './subject-state.js';

/** A warning to be told now. */
export interface DueWarning {
  readonly warning: Warning;
  /** The declared disruption that it warns of. */
  readonly disruption?: string;
}

/**
 * The warnings that have come due by `throughMs` and were not told yet, and when the next ones will. None for a moment
 * before the opening was learned, none while the clock stands (but for disruptions, which may be why it does), none from
 * due on.
 */
export function warningsOf(
  guarantee: Guarantee,
  record: PromiseRecord,
  judgement: Judgement,
  throughMs: InstantMs,
): { readonly due: readonly DueWarning[]; readonly wakesMs: readonly InstantMs[] } {
  if (guarantee.warnings.length === 0 || judgement.verdict !== null || throughMs >= judgement.inTimeUntilMs)
    return NONE;
  const due: DueWarning[] = [];
  const wakesMs: InstantMs[] = [];
  for (const warning of guarantee.warnings) {
    if ('disruption' in warning.point) {
      const untold = judgement.touching.filter(({ id }) => !record.warned.includes(disruptionKey(id)));
      due.push(...untold.map(({ id }) => ({ warning, disruption: id })));
      continue;
    }
    if (judgement.deadline.standing !== null || record.warned.includes(warning.id)) continue;
    const atMs = pointOf(guarantee, warning.point, judgement);
    if (atMs === null || atMs >= judgement.inTimeUntilMs) continue;
    if ('on' in warning.point || (atMs <= throughMs && atMs > record.learnedAtMs)) due.push({ warning });
    else if (atMs > record.learnedAtMs) wakesMs.push(atMs);
  }
  return { due, wakesMs };
}

const NONE = { due: [], wakesMs: [] };

const DISRUPTION = 'disruption/';

/** Under which name a promise remembers that it was warned of a disruption: each is told once. */
function disruptionKey(id: string): string {
  return DISRUPTION + id;
}

/** Under which name a promise remembers the warning. */
export function warnedAs({ warning, disruption }: DueWarning): string {
  return disruption === undefined ? warning.id : disruptionKey(disruption);
}

/** What was declared before the promise was made is no news to whom it is made. */
export function knownAtOpening({ touching }: Judgement): string[] {
  return touching.map(({ id }) => disruptionKey(id));
}

/** A re-promise begins a new clock: its points warn again; what facts and disruptions said stays said. */
export function outlivesClock(guarantee: Guarantee, warned: string): boolean {
  return warned.startsWith(DISRUPTION) || guarantee.warnings.some(({ id, point }) => id === warned && 'on' in point);
}

/** When it warns; for a warning by a fact when that happened, null while it has not. */
function pointOf(
  { due }: Guarantee,
  point: Exclude<Warning['point'], { readonly disruption: true }>,
  judgement: Judgement,
): InstantMs | null {
  const { opening, openedAtMs, dueAtMs, deadline } = judgement;
  if (!('on' in point)) return due.warnAtMs(opening, deadline.due, deadline.moves, point);
  const promise = { opening, openedAtMs, dueAtMs };
  const told = judgement.counted.findLast((fact) => fact.occurredAtMs >= openedAtMs && matches(point, fact, promise));
  return told?.occurredAtMs ?? null;
}
