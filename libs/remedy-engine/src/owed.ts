import type { Nature, PromiseEventData, Reason, RemedyKind } from '#libs/contracts';
import { EvaluationError, type Guarantee, type Remedy, type VerdictScope } from '#libs/guarantees';
import { parseInstant, POINTS_CURRENCY, type InstantMs, type Money } from '#libs/kernel';
import { causeOf, explainRemedy, type Cause } from './explain-remedy.js';

/** What a guarantee owes for one verdict under one of its remedies. */
export interface OwedRemedy {
  readonly remedyId: string;
  readonly kind: RemedyKind;
  /** Minor units of money, points for points, 0 for words, gifts and callbacks. */
  readonly amountMinor: number;
  /** ISO 4217, XPT for points, null for words, gifts and callbacks. */
  readonly currency: string | null;
  /** refund, credit, voucher */
  readonly isMoney: boolean;
  readonly nature: Nature;
  readonly label?: string;
  readonly template?: string;
  readonly item?: string;
  /** Whom it goes to: words to the party that the remedy names; money goes to the payer, else the customer. */
  readonly party: 'customer' | 'payer' | 'recipient';
  /** decidedAt + payWithin */
  readonly payByMs?: InstantMs;
  /** decidedAt + expiresWithin */
  readonly expiresAtMs?: InstantMs;
  readonly explanation: readonly string[];
  readonly reasons: readonly Reason[];
}

/**
 * Everything that is owed for a verdict, in the order of the guarantee's file; nothing unless it is a breach.
 * Money of zero is left out, as is whatever depends on a lateness that is not known yet. A pure function: the same
 * verdict gives the same, whoever asks and whenever.
 * @throws EvaluationError when a remedy cannot be computed from the verdict (say, two currencies in one sum).
 */
export function owed(guarantee: Guarantee, verdict: PromiseEventData): OwedRemedy[] {
  if (verdict.verdict !== 'breached') return [];
  const scope = scopeOf(guarantee, verdict);
  const decidedAtMs = instant(guarantee, verdict.decidedAt);
  const miss = { verdict, scope, decidedAtMs, cause: causeOf(guarantee, scope, decidedAtMs) };
  return guarantee.remedies
    .filter((remedy) => holds(remedy, scope))
    .map((remedy) => owedRemedy(guarantee, remedy, miss))
    .filter((owedNow) => !owedNow.isMoney || owedNow.amountMinor > 0);
}

function holds(remedy: Remedy, scope: VerdictScope): boolean {
  const needsLateness = remedy.when?.needsLateness === true || remedy.amount?.needsLateness === true;
  if (needsLateness && scope.latenessMs === null) return false;
  return remedy.when === null || remedy.when.evaluate(scope);
}

/** A breach as all its remedies see it. */
interface Miss {
  readonly verdict: PromiseEventData;
  readonly scope: VerdictScope;
  readonly decidedAtMs: InstantMs;
  readonly cause: Cause;
}

function owedRemedy(guarantee: Guarantee, remedy: Remedy, { verdict, scope, decidedAtMs, cause }: Miss): OwedRemedy {
  const money = amountOf(remedy, scope);
  const { explanation, reasons } = explainRemedy(guarantee, remedy, scope, money, cause);
  return {
    remedyId: remedy.id,
    kind: remedy.kind,
    amountMinor: money?.amountMinor ?? 0,
    currency: money?.currency ?? null,
    isMoney: remedy.amount !== null,
    nature: remedy.nature,
    party: remedy.amount !== null || remedy.points !== null ? moneyParty(verdict, remedy) : remedy.party,
    ...(remedy.label === null ? {} : { label: remedy.label }),
    ...(remedy.template === null ? {} : { template: remedy.template }),
    ...(remedy.item === null ? {} : { item: remedy.item }),
    ...(remedy.payWithinMs === null ? {} : { payByMs: decidedAtMs + remedy.payWithinMs }),
    ...(remedy.expiresWithinMs === null ? {} : { expiresAtMs: decidedAtMs + remedy.expiresWithinMs }),
    explanation,
    reasons,
  };
}

/** Money goes back to whom it came from; points belong to the customer. */
function moneyParty(verdict: PromiseEventData, remedy: Remedy): 'customer' | 'payer' {
  return remedy.amount !== null && verdict.parties.payer !== undefined ? 'payer' : 'customer';
}

function amountOf(remedy: Remedy, scope: VerdictScope): Money | null {
  if (remedy.amount !== null) return remedy.amount.evaluate(scope);
  return remedy.points === null ? null : { amountMinor: remedy.points, currency: POINTS_CURRENCY };
}

function scopeOf(guarantee: Guarantee, verdict: PromiseEventData): VerdictScope {
  return {
    base: verdict.base,
    facts: verdict.facts,
    latenessMs: verdict.latenessMs ?? null,
    dueAtMs: instant(guarantee, verdict.dueAt),
    completedAtMs: verdict.completedAt === undefined ? null : instant(guarantee, verdict.completedAt),
  };
}

function instant(guarantee: Guarantee, text: string): InstantMs {
  const instantMs = parseInstant(text);
  if (instantMs === null)
    throw new EvaluationError('a promise event holds an instant that is none', guarantee.due.place);
  return instantMs;
}
