import type { QuietHours } from '#libs/calendar';
import type { Money } from '#libs/kernel';
import type { VerdictExpression } from './remedy.js';

/** The calendar span that a budget counts over, in the guarantee's zone. */
export type BudgetPeriod = 'day' | 'week' | 'month' | 'quarter' | 'year';

export interface Budget {
  readonly amount: Money;
  readonly per: BudgetPeriod;
}

/** Breaches of a guarantee and region in ten minutes, against what is usual there: beyond `factor` × usual all is held. */
export interface Breaker {
  readonly factorMicros: number;
  /** Usual is the mean of the 28 days before, and never less than this. */
  readonly usualAtLeast: number;
  /** Breaches are counted apart by this; null: all together. */
  readonly region: VerdictExpression<string | null> | null;
}

/** What becomes of money that was paid and is not owed any more. */
export type AfterPayment =
  | { readonly kind: 'absorb' }
  | { readonly kind: 'offset' }
  /** Up to `cap` is asked back from whom it was paid to, the rest is absorbed. */
  | { readonly kind: 'claw-back'; readonly cap: Money };

/** Money that has no way to whom it belongs: when they are reminded of it, and how long it may be claimed. */
export interface UnclaimedTerms {
  /** From when it was set aside until its beneficiary is reminded, once. */
  readonly remindAfterMs: number;
  /** null: it may be claimed at any time. Afterwards it stays payable, by finance's word alone. */
  readonly claimWithinMs: number | null;
}

const REMIND_AFTER_DAYS = 30;
export const UNCLAIMED_BY_DEFAULT: UnclaimedTerms = {
  remindAfterMs: REMIND_AFTER_DAYS * 86_400_000,
  claimWithinMs: null,
};

/**
 * When money and words are held back before they leave, by which way they leave, and what becomes of them when the
 * miss is taken back. The same for every remedy of the guarantee.
 */
export interface Holding {
  /** Lines of a remedy whose sum is above `above` wait for an approval, above `secondAbove` for two; null: none. */
  readonly approval: { readonly above: Money; readonly secondAbove: Money | null } | null;
  readonly budget: Budget | null;
  readonly budgetPerCustomer: Budget | null;
  readonly breaker: Breaker | null;
  readonly afterPayment: AfterPayment;
  /** An apology that was sent for a miss taken back: left as it is, or corrected by another. */
  readonly afterSent: 'leave' | 'correct';
  readonly unclaimed: UnclaimedTerms;
  /** `topic`, `webhook:<name>` or `export:<name>` for money; null: as the installation says. */
  readonly route: VerdictExpression<string> | null;
  /** Words wait until these are over where whom they go to is, or, where that is not known, in the guarantee's zone. */
  readonly quietHours: QuietHours | null;
  /** Where `personal` holds, words become a callback, by the person named. */
  readonly handling: { readonly personal: VerdictExpression<boolean>; readonly by: string | null } | null;
  /** By base name: what tax it carried, a list of `{code, rateMicros, amountMinor}`. */
  readonly tax: Readonly<Record<string, VerdictExpression<unknown>>>;
}
