import type { UnclaimedTerms } from '#libs/guarantees';
import { formatInstant, parseInstant, type InstantMs, type Problem } from '#libs/kernel';
import { claimReferenceOf } from './claim-reference.js';
import type { Draft } from './draft.js';
import type { Entitlement } from './entitlement.js';
import { isAnonymous, type Line } from './line.js';
import { remind, reminderOf, type WordsOfReminder } from './reminders.js';
import { moneyOf } from './take-back.js';

/**
 * Sets money aside that has no way to whom it belongs: still payable, outside all routes, claimable by its reference.
 * Time reminds its beneficiary once, and says when it can be claimed no more; it is never released by itself.
 */
export function setAside(
  draft: Draft,
  lineId: string,
  { reference, reason }: { readonly reference: string; readonly reason: string },
  terms: UnclaimedTerms,
): void {
  const line = draft.line(lineId);
  const untilMs = line.claim === null ? endOfClaims(line, draft.atMs, terms) : line.claim.untilMs;
  const remindAtMs = reminderOf(draft, line) === null ? reminderAt(line, draft.atMs, untilMs, terms) : null;
  draft.change(lineId, { state: 'unclaimed', claim: { untilMs, payee: null }, wakeAtMs: remindAtMs ?? untilMs });
  draft.notify(lineId, 'unclaimed', {
    reference,
    reason,
    claimReference: claimReferenceOf(lineId),
    ...(untilMs === null ? {} : { claimUntil: formatInstant(untilMs) }),
    ...(remindAtMs === null ? {} : { remindAt: formatInstant(remindAtMs) }),
  });
}

/**
 * Asks for it again, by its own route. No cent is paid twice by it: it is the same line with the same id, which finance
 * pays at most once, booked as payable when it was first asked for and not now; and only what is `unclaimed`, as read behind
 * the promise's lock, is taken up, so that of two claims the second finds nothing to take.
 * @param payee whom to pay instead of the beneficiary; null: the beneficiary
 */
export function takeUp(draft: Draft, lineId: string, reason: string, payee: string | null): void {
  const { state, claim } = draft.line(lineId);
  if (state !== 'unclaimed') throw new Error(`line ${lineId} is not unclaimed: it is ${state}`);
  draft.change(lineId, { state: 'requested', wakeAtMs: null, claim: { untilMs: claim?.untilMs ?? null, payee } });
  draft.tell(lineId, 'requested', reason);
}

/** Why it cannot be claimed (again); null: it can. */
export function problemOfClaim({ lineId, state, claim }: Line, { atMs }: { readonly atMs: InstantMs }): Problem | null {
  const name = `line ${lineId} (${claimReferenceOf(lineId)})`;
  if (state !== 'unclaimed') {
    if (claim === null || claim.payee === null) {
      const advice = 'only what was set aside as unclaimed is claimed: GET /unclaimed';
      return { code: 'LINE_NOT_UNCLAIMED', detail: `${name} is not unclaimed: it is ${state}`, advice };
    }
    const advice = 'nothing is to be done: it is paid once';
    return { code: 'CLAIMED_BEFORE', detail: `${name} was claimed for ${claim.payee}; it is ${state}`, advice };
  }
  if (claim === null || claim.untilMs === null || atMs <= claim.untilMs) return null;
  const advice = 'it stays payable: finance decides, and pays it by POST /settlements';
  return { code: 'CLAIM_EXPIRED', detail: `${name} could be claimed until ${formatInstant(claim.untilMs)}`, advice };
}

/** What time does to it: first the reminder, then, where there is a limit, the word that only finance can pay it now. */
export function wakeUnclaimed(entitlement: Entitlement, draft: Draft, line: Line, wordsOf: WordsOfReminder): void {
  const untilMs = line.claim?.untilMs ?? null;
  if (untilMs !== null && draft.atMs >= untilMs) {
    const { lineId } = line;
    const claimUntil = formatInstant(untilMs);
    const money = moneyOf(line, line.amountMinor);
    draft.notify(lineId, 'unclaimed', {
      reason: CLAIM_EXPIRED,
      claimReference: claimReferenceOf(lineId),
      claimUntil,
      ...money,
    });
    return;
  }
  draft.change(line.lineId, { wakeAtMs: untilMs });
  remind(entitlement, draft, line, wordsOf);
}

/** The reason of the `unclaimed` event that tells the end of the time in which it may be claimed. */
export const CLAIM_EXPIRED = 'claim-expired';

/** A voucher may be claimed as long as it is good. */
function endOfClaims({ details }: Line, atMs: InstantMs, { claimWithinMs }: UnclaimedTerms): InstantMs | null {
  const ends = [claimWithinMs === null ? null : atMs + claimWithinMs, parseInstant(details.expiresAt)];
  const known = ends.filter((end) => end !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** null: they cannot be reminded. Half the time is left at least, where the end comes before the usual moment. */
function reminderAt(
  { beneficiary }: Line,
  atMs: InstantMs,
  untilMs: InstantMs | null,
  { remindAfterMs }: UnclaimedTerms,
): InstantMs | null {
  if (isAnonymous(beneficiary) || (untilMs !== null && untilMs <= atMs)) return null;
  if (untilMs === null || atMs + remindAfterMs < untilMs) return atMs + remindAfterMs;
  return atMs + Math.floor((untilMs - atMs) / 2);
}
