import type { RemedyKind } from '#libs/contracts';
import type { InstantMs } from '#libs/kernel';
import { Draft } from './draft.js';
import type { Entitlement } from './entitlement.js';
import type { Line, LineState } from './line.js';
import { ask } from './issue-line.js';
import { decisionOf, type Decision } from './settle-entitlement.js';

const TOLD: readonly LineState[] = ['requested', 'failed', 'accepted', 'recall-requested', 'sent', 'waiting'];

/**
 * One addressee, one local day, one text of a kind: the key under which apologies are merged, and notices apart from them.
 * The date comes first, of ten characters, and what follows it tells the two apart whatever the addressee is called.
 */
export function apologyDayOf(addressee: string, localDate: string, kind: RemedyKind): string {
  return kind === 'notice' ? `${localDate}#${addressee}` : `${localDate} ${addressee}`;
}

/** True when one of the lines already tells the day's apology. */
export function isApologyTold(lines: Iterable<Line>): boolean {
  for (const { state } of lines) if (TOLD.includes(state)) return true;
  return false;
}

/** The oldest of the merged apologies, to be told in place of one that was taken back; null: none, or one stands. */
export function successorOf(lines: readonly Line[]): Line | null {
  if (isApologyTold(lines)) return null;
  const merged = lines.filter(({ state }) => state === 'merged');
  merged.sort((a, b) => a.issuedAtMs - b.issuedAtMs || (a.lineId < b.lineId ? -1 : 1));
  return merged[0] ?? null;
}

/** Tells a merged apology after all. */
export function tellMerged(entitlement: Entitlement, lineId: string, atMs: InstantMs): Decision {
  const draft = new Draft(entitlement.lines, atMs);
  ask(draft, lineId);
  return decisionOf(draft);
}
