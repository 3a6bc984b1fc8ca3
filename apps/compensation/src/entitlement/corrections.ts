import { correctionIdOf } from '#libs/remedy-engine';
import type { Draft } from './draft.js';
import { openOf, standingOf, type Line } from './line.js';
import { withdraw } from './take-back.js';

/**
 * How many of these words somebody has heard or is about to hear. What was sent stays said, also where it was sent after
 * it had been cancelled.
 */
export function sumSaid(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + Math.max(standingOf(line), line.paidMinor), 0);
}

/** Texts of the remedy that were sent and that no other corrects. */
export function countUncorrected(draft: Draft, remedyId: string): number {
  const sent = draft.ofRemedy(remedyId).filter(({ kind, paidMinor }) => kind === 'apology' && paidMinor > 0);
  return sent.length - sumSaid(draft.ofRemedy(correctionIdOf(remedyId)));
}

/** The miss stands again before its correction was sent: nobody need hear of either. Newest first. */
export function withdrawCorrections(draft: Draft, remedyId: string, count: number, reason: string): void {
  const unsent = draft.ofRemedy(correctionIdOf(remedyId)).filter((line) => openOf(line) > 0);
  for (const { lineId } of unsent.toReversed().slice(0, count)) withdraw(draft, lineId, reason);
}
