import type { RemedyKind } from '#libs/contracts';
import type { AfterPayment, UnclaimedTerms } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import { correctedBy, correctionIdOf, type OwedRemedy } from '#libs/remedy-engine';
import { countUncorrected, sumSaid, withdrawCorrections } from './corrections.js';
import { Draft, type Announcement, type Transfer } from './draft.js';
import { owedUnits, type Entitlement } from './entitlement.js';
import type { Gate, HoldReason } from './hold.js';
import { issue } from './issue-line.js';
import type { Line, LineDetails, Quiet } from './line.js';
import { withdrawReminders } from './reminders.js';
import { sumStanding, takeBack } from './take-back.js';
import type { TaxedBase } from './tax-shares.js';

/** The words of an apology, notice or callback, as they would go out, and the day they are counted for. */
export interface Words {
  readonly details: Pick<LineDetails, 'locale' | 'title' | 'body' | 'template' | 'reason' | 'by'>;
  /** Where a person calls instead of a text. */
  readonly kind?: RemedyKind;
  /** null: not merged by day. */
  readonly apologyDay: string | null;
  /** When they are not said; null: at any hour. */
  readonly quiet?: Quiet | null;
  /** Why a person is to decide whether they are said. */
  readonly hold?: HoldReason;
  /** Another apology of the addressee's day has been told already. */
  readonly merged: boolean;
}

export interface DecisionContext {
  /** When this is decided by the log. */
  readonly atMs: InstantMs;
  /** Asked only for a line that is to be issued; null: there are no words (no template, no addressee), no line then. */
  readonly wordsOf: (remedy: OwedRemedy) => Words | null;
  /** What corrects the apologies of a remedy that were sent for a miss which is none; null: they are left as they are. */
  readonly correctionOf: (remedyId: string) => OwedRemedy | null;
  /** Why lines are taken back, as told to others. */
  readonly cancelReason: string;
  readonly gate: Gate;
  /** What becomes of money paid that is not owed. */
  readonly afterPayment: AfterPayment;
  /** When money that has no way to whom it belongs is reminded of, and how long it may be claimed. */
  readonly unclaimed: UnclaimedTerms;
  /** What a beneficiary owes us in a currency, in minor units. */
  readonly receivableOf: (beneficiary: string, currency: string) => number;
  /** null: the base carried no tax that we know of. */
  readonly taxOf: (base: string) => TaxedBase | null;
}

export interface Decision {
  readonly lines: readonly Line[];
  readonly announcements: readonly Announcement[];
  readonly transfers: readonly Transfer[];
}

/**
 * Brings what stands to what is owed, remedy by remedy: issues the difference, or takes back what is too much. The
 * same state and the same owed remedies always give the same lines, numbers and bookings; a second call gives nothing.
 */
export function settleEntitlement(entitlement: Entitlement, context: DecisionContext): Decision {
  const draft = new Draft(entitlement.lines, context.atMs);
  balanceRemedies(entitlement, draft, context);
  return decisionOf(draft);
}

/** The same within a change that has begun otherwise (a settlement). */
export function balanceRemedies(entitlement: Entitlement, draft: Draft, context: DecisionContext): void {
  const owed = new Map(entitlement.owed.map((remedy) => [remedy.remedyId, remedy]));
  const others = draft.lines.map(({ remedyId }) => correctedBy(remedyId)).sort(); // one order, however the lines were read
  const remedyIds = new Set([...owed.keys(), ...others]);
  for (const remedyId of remedyIds) {
    const remedy = owed.get(remedyId);
    const currencies = new Set([...draft.ofRemedy(remedyId).map(({ currency }) => currency), remedy?.currency]);
    for (const currency of currencies) {
      if (currency === null) balanceWords(entitlement, draft, { remedyId, remedy: remedy ?? null }, context);
      else if (currency !== undefined) balanceMoney(entitlement, draft, { remedyId, remedy, currency }, context);
    }
  }
}

interface MoneyOwed {
  readonly remedyId: string;
  /** Not there: nothing is owed of it. */
  readonly remedy: OwedRemedy | undefined;
  readonly currency: string;
}

function balanceMoney(
  entitlement: Entitlement,
  draft: Draft,
  { remedyId, remedy, currency }: MoneyOwed,
  context: DecisionContext,
): void {
  const isOwed = remedy?.currency === currency;
  const target = isOwed ? owedUnits(remedy) : 0;
  takeBack(draft, inCurrency(draft, remedyId, currency), target, context.cancelReason, context.afterPayment);
  const missing = target - sumStanding(inCurrency(draft, remedyId, currency));
  if (isOwed && missing > 0) issue(entitlement, draft, remedy, missing, context);
}

/**
 * The same for words, where a correction takes away one text that was said: what is unsent is withdrawn, be it text or
 * correction; what was sent stays said, and each is corrected once, or said anew after its correction was sent.
 */
function balanceWords(
  entitlement: Entitlement,
  draft: Draft,
  { remedyId, remedy }: { readonly remedyId: string; readonly remedy: OwedRemedy | null },
  context: DecisionContext,
): void {
  const target = remedy?.currency === null ? owedUnits(remedy) : 0;
  const lines = (): Line[] => inCurrency(draft, remedyId, null);
  const corrected = (): number => sumSaid(draft.ofRemedy(correctionIdOf(remedyId)));
  const missing = (): number => target + corrected() - sumSaid(lines());
  const saidAfterAll = sumSaid(lines()) - sumStanding(lines()); // sent after it had been cancelled
  takeBack(draft, lines(), target + corrected() - saidAfterAll, context.cancelReason, context.afterPayment);
  if (missing() > 0) withdrawCorrections(draft, remedyId, missing(), 'reinstated');
  if (remedy && missing() > 0) issue(entitlement, draft, remedy, missing(), context);
  const correction = missing() < 0 ? context.correctionOf(remedyId) : null;
  const wrong = Math.min(-missing(), countUncorrected(draft, remedyId));
  for (let i = 0; correction !== null && i < wrong; i++) issue(entitlement, draft, correction, 1, context);
}

/** Whatever was decided: what it has made needless to remind of is not reminded of. */
export function decisionOf(draft: Draft): Decision {
  withdrawReminders(draft);
  return { lines: draft.lines, announcements: draft.announcements, transfers: draft.transfers };
}

function inCurrency(draft: Draft, remedyId: string, currency: string | null): Line[] {
  return draft.ofRemedy(remedyId).filter((line) => line.currency === currency);
}
