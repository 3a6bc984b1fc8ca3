import type { Nature, PromiseEventData, Reason, RemedyKind } from '#libs/contracts';
import {
  EvaluationError,
  type ArithmeticStep,
  type Guarantee,
  type Remedy,
  type VerdictExpression,
  type VerdictScope,
} from '#libs/guarantees';
import { formatMoney, POINTS_CURRENCY, type InstantMs, type Money } from '#libs/kernel';
import { dateOf, suspensionOn } from './accrual.js';
import { amountOf } from './amount-of.js';
import type { Circumstances, ReasonCode } from './circumstances.js';
import { endOfLimitMs } from './day-limit.js';
import { causeOf, explainRemedy, type Cause } from './explain-remedy.js';
import { gateOf } from './gates.js';
import { explainNothing } from './nothing-owed.js';
import { scopeOf } from './verdict-scope.js';

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
  /** The base that it gives back: what others gave back on it has been taken off. */
  readonly base?: string;
  /** One line for all promises of the group. */
  readonly isOncePerGroup?: boolean;
  /** decidedAt + payWithin, or the end of the day that payBy names */
  readonly payByMs?: InstantMs;
  /** decidedAt + expiresWithin */
  readonly expiresAtMs?: InstantMs;
  /** The arithmetic, step by step; nothing where the amount is plainly a base. */
  readonly steps?: readonly string[];
  /** The why-sentence, then the numbered steps. */
  readonly explanation: readonly string[];
  /** One for each sentence of `explanation`. */
  readonly reasons: readonly Reason[];
}

export interface Owed {
  /** In the order of the guarantee's file. */
  readonly lines: OwedRemedy[];
  readonly reasonCode: ReasonCode;
  /** Why nothing is owed for a breach, in words; absent where lines explain themselves or there was no breach. */
  readonly nothing?: { readonly explanation: readonly string[]; readonly reasons: readonly Reason[] };
}

/**
 * Everything that is owed for a verdict, and why that or nothing. Money of zero is left out, as is whatever depends on
 * a lateness that is not known yet. A pure function: the same verdict and circumstances give the same, whoever asks and
 * whenever. Order: exempt, excused, claim, lines with their suspensions, what others gave back, best of several.
 * @throws EvaluationError when a remedy cannot be computed from the verdict (say, two currencies in one sum).
 */
export function owed(guarantee: Guarantee, verdict: PromiseEventData, circumstances: Circumstances): Owed {
  if (verdict.verdict === null) return { lines: [], reasonCode: 'open' };
  if (verdict.verdict === 'kept' || verdict.verdict === 'cancelled') return { lines: [], reasonCode: verdict.verdict };
  const scope = scopeOf(guarantee, verdict, circumstances.claim);
  const cause = causeOf(guarantee, scope, scope.decidedAtMs);
  const none = (reasonCode: ReasonCode): Owed => {
    return { lines: [], reasonCode, nothing: explainNothing(guarantee, scope, reasonCode, cause) };
  };
  const gate = gateOf(guarantee, verdict, scope);
  if (gate !== null) return none(gate);
  const miss = { verdict, scope, cause };
  const returned = { ...circumstances.returned };
  const upon = guarantee.remedies.filter(({ kind }) => kind !== 'notice'); // told before due, or not at all
  const found = upon.map((remedy) => lineOf(guarantee, remedy, miss, returned));
  const lines = found.filter((each) => typeof each !== 'string');
  if (lines.length > 0) return { lines: combined(guarantee, lines), reasonCode: 'compensated' };
  if (found.includes('returned')) return none('compensated');
  const reasonCode = NOTHING_BECAUSE.find((code) => found.includes(code)) ?? 'no_whole_period';
  return none(reasonCode);
}

/** Of several reasons for nothing the one that is told. */
const NOTHING_BECAUSE = ['below_minimum', 'suspended', 'no_whole_period', 'pending'] as const;
/** `not_met`: its condition does not hold; `returned`: others gave all of it back. */
type Nothing = 'not_met' | 'returned' | (typeof NOTHING_BECAUSE)[number];

/** A breach as all its remedies see it. */
interface Miss {
  readonly verdict: PromiseEventData;
  readonly scope: VerdictScope;
  readonly cause: Cause;
}

/** @param returned what others gave back and no line before has taken off */
function lineOf(
  guarantee: Guarantee,
  remedy: Remedy,
  miss: Miss,
  returned: Record<string, number>,
): OwedRemedy | Nothing {
  const { scope } = miss;
  const terms = guarantee.remedyTerms;
  const isMoney = remedy.amount !== null || remedy.tiers !== null || remedy.perDay !== null;
  return unlessWaiting(remedy, scope, () => {
    if (remedy.when !== null && !remedy.when.evaluate(scope)) return 'not_met';
    if (remedy.perDay === null && isSuspended(guarantee, scope)) return 'suspended';
    if (!isMoney) return owedRemedy(guarantee, remedy, miss, pointsOf(remedy), []);
    const computed = amountOf(remedy, terms, scope);
    if (computed.nothing !== undefined) return computed.nothing;
    const { money, steps } = lessReturned(remedy, computed.money, computed.steps, returned);
    return money.amountMinor === 0 ? 'returned' : owedRemedy(guarantee, remedy, miss, money, steps);
  });
}

/** What others gave back on the base comes off: over all sources never more than was paid for it. */
function lessReturned(
  { base }: Remedy,
  money: Money,
  steps: readonly ArithmeticStep[],
  returned: Record<string, number>,
): { money: Money; steps: readonly ArithmeticStep[] } {
  const back = base === null ? 0 : Math.min(returned[base] ?? 0, money.amountMinor);
  if (base === null || back <= 0) return { money, steps };
  returned[base] = (returned[base] ?? 0) - back;
  const left = { ...money, amountMinor: money.amountMinor - back };
  const args = {
    owed: formatMoney(money),
    returned: formatMoney({ ...money, amountMinor: back }),
    base,
    left: formatMoney(left),
  };
  const text = `${args.owed} less ${args.returned} of it given back already = ${args.left}`;
  return { money: left, steps: [...steps, { text, args }] };
}

/** Nothing is owed of a remedy that asks for a lateness or a completion which is not known yet. */
function unlessWaiting(remedy: Remedy, scope: VerdictScope, decide: () => OwedRemedy | Nothing): OwedRemedy | Nothing {
  const expressions: (VerdictExpression<unknown> | null | undefined)[] = [
    remedy.when,
    remedy.amount,
    remedy.times,
    remedy.maximum,
    ...(remedy.tiers?.list ?? []).flatMap(({ amount, percent }) => [amount, percent]),
    remedy.tiers?.measure,
  ];
  const isKnown = scope.latenessMs !== null && scope.completedAtMs !== null;
  if (isKnown || !expressions.some((expression) => expression?.needsLateness === true)) return decide();
  try {
    return decide();
  } catch (error) {
    // It reads what a breach has only once the thing was done.
    if (error instanceof EvaluationError) return 'pending';
    throw error;
  }
}

function isSuspended({ remedyTerms: { suspended, calendar } }: Guarantee, scope: VerdictScope): boolean {
  if (suspended.length === 0) return false;
  return suspensionOn(suspended, dateOf(calendar.zone.localDayOf(scope.dueAtMs)), scope) !== null;
}

/** All lines, or of those with money the one that is worth most (of equal ones the first). */
function combined(guarantee: Guarantee, lines: OwedRemedy[]): OwedRemedy[] {
  if (guarantee.remedyTerms.combine === 'add') return lines;
  const money = lines.filter(({ isMoney }) => isMoney);
  const best = money.reduce<OwedRemedy | null>(
    (most, line) => (most === null || line.amountMinor > most.amountMinor ? line : most),
    null,
  );
  return lines.filter((line) => !line.isMoney || line === best);
}

function owedRemedy(
  guarantee: Guarantee,
  remedy: Remedy,
  { verdict, scope, cause }: Miss,
  money: Money | null,
  steps: readonly ArithmeticStep[],
): OwedRemedy {
  const { decidedAtMs } = scope;
  const { explanation, reasons } = explainRemedy(guarantee, remedy, scope, money, cause);
  const numbered = steps.map(({ text }, i) => `${i + 1}. ${text}`);
  const payByMs = payByOf(guarantee, remedy, scope);
  const isMoney = money !== null && remedy.points === null;
  return {
    remedyId: remedy.id,
    kind: remedy.kind,
    amountMinor: money?.amountMinor ?? 0,
    currency: money?.currency ?? null,
    isMoney,
    nature: remedy.nature,
    party: money === null ? remedy.party : isMoney && verdict.parties.payer !== undefined ? 'payer' : 'customer',
    ...(remedy.label === null ? {} : { label: remedy.label }),
    ...(remedy.template === null ? {} : { template: remedy.template }),
    ...(remedy.item === null ? {} : { item: remedy.item }),
    ...(remedy.base === null ? {} : { base: remedy.base }),
    ...(remedy.isOncePerGroup ? { isOncePerGroup: true } : {}),
    ...(payByMs === null ? {} : { payByMs }),
    ...(remedy.expiresWithinMs === null ? {} : { expiresAtMs: decidedAtMs + remedy.expiresWithinMs }),
    ...(numbered.length === 0 ? {} : { steps: numbered }),
    explanation: [...explanation, ...numbered],
    reasons: [...reasons, ...steps.map(({ args }, i) => ({ code: 'arithmetic', args: { step: i + 1, ...args } }))],
  };
}

function payByOf(guarantee: Guarantee, remedy: Remedy, scope: VerdictScope): InstantMs | null {
  if (remedy.payWithinMs !== null) return scope.decidedAtMs + remedy.payWithinMs;
  if (remedy.payBy === null) return null;
  return endOfLimitMs(remedy.payBy, guarantee.remedyTerms, scope, scope.decidedAtMs);
}

function pointsOf({ points }: Remedy): Money | null {
  return points === null ? null : { amountMinor: points, currency: POINTS_CURRENCY };
}
