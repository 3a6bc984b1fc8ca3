import { isScalar, type Pair, type Scalar, type YAMLMap } from 'yaml';
import type { Money } from '#libs/kernel';
import { UNCLAIMED_BY_DEFAULT, type Budget, type BudgetPeriod, type Breaker, type Holding } from '../holding.js';
import type { QuietHours } from '#libs/calendar';
import type { VerdictScope } from '../remedy.js';
import { amountFromMajor, roundToMoney } from '../expressions/amount.js';
import type { ExpressionScope } from '../expressions/compile-expression.js';
import { NO_VERDICT } from '../expressions/verdict-scope.js';
import { CONDITION, FACT, moneyKind, OPTIONAL_TEXT, TEXT } from '../expressions/result-kind.js';
import type { TermsReader } from './terms-reader.js';

const USUAL_AT_LEAST_BY_DEFAULT = 20;
const MICROS = 1_000_000;
const DECIMAL_AMOUNT = /^\d{1,15}(\.\d{1,4})?( [A-Z]{3})?$/;
const ROUTE = /^(topic|(export|webhook):[a-z][a-z0-9-]{0,59})$/;
const HOLD_IF = /^breaches\s*>\s*(\d{1,4}(?:\.\d{1,6})?)\s*\*\s*usual$/;
const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** A guarantee that says nothing about it. */
export const NOTHING_HELD: Holding = {
  approval: null,
  budget: null,
  budgetPerCustomer: null,
  breaker: null,
  afterPayment: { kind: 'absorb' },
  afterSent: 'leave',
  unclaimed: UNCLAIMED_BY_DEFAULT,
  route: null,
  quietHours: null,
  handling: null,
  tax: {},
};

type Scope = ExpressionScope<VerdictScope>;

/** The holding terms of a guarantee whose shape has been checked; what is wrong is reported into the source. */
export function compileHolding(reader: TermsReader, root: YAMLMap, scope: Scope, currency: string): Holding {
  return {
    approval: compileApproval(reader, root, scope, currency),
    budget: compileBudget(reader, root, 'budget', scope, currency),
    budgetPerCustomer: compileBudget(reader, root, 'budgetPerCustomer', scope, currency),
    breaker: compileBreaker(reader, root, scope),
    afterPayment: compileAfterPayment(reader, root, scope, currency),
    afterSent: (reader.text(root, 'afterSent') as Holding['afterSent'] | null) ?? NOTHING_HELD.afterSent,
    unclaimed: compileUnclaimed(reader, root),
    route: compileRoute(reader, root, scope),
    quietHours: compileQuietHours(reader, root),
    handling: compileHandling(reader, root, scope),
    tax: compileTax(reader, root, scope),
  };
}

function compileApproval(reader: TermsReader, root: YAMLMap, scope: Scope, currency: string): Holding['approval'] {
  const node = reader.map(root, 'approval');
  if (node === null) return null;
  const above = constantMoney(reader, node, 'above', scope, currency);
  const secondAbove = constantMoney(reader, node, 'secondAbove', scope, currency);
  if (above === null) return null;
  if (secondAbove !== null && secondAbove.amountMinor < above.amountMinor) {
    const message = 'secondAbove is less than above';
    const advice = 'A second approval is asked for above an amount that needs a first one already.';
    reader.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, reader.offsetOf(node, 'secondAbove'));
  }
  return { above, secondAbove };
}

function compileBudget(
  reader: TermsReader,
  root: YAMLMap,
  field: string,
  scope: Scope,
  currency: string,
): Budget | null {
  const node = reader.map(root, field);
  if (node === null) return null;
  const amount = constantMoney(reader, node, 'amount', scope, currency);
  return amount === null ? null : { amount, per: reader.text(node, 'per') as BudgetPeriod };
}

function compileBreaker(reader: TermsReader, root: YAMLMap, scope: Scope): Breaker | null {
  const node = reader.map(root, 'breaker');
  if (node === null) return null;
  const holdIf = reader.text(node, 'holdIf');
  const factor = reader.integer(node, 'factor');
  const fromText = holdIf === null ? null : HOLD_IF.exec(holdIf.trim());
  if (holdIf !== null && fromText === null) {
    const message = `holdIf: \`${holdIf}\` cannot be followed`;
    const advice = 'Write it as `breaches > 5 * usual`.';
    reader.source.report('GUARANTEE_WRONG_VALUE', message, advice, reader.offsetOf(node, 'holdIf'));
  } else if ((holdIf === null) === (factor === null)) {
    const message = 'breaker needs exactly one of `holdIf` and `factor`';
    const advice = 'Write `holdIf: breaches > 5 * usual`, or `factor: 5`.';
    reader.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, reader.offsetOf(node));
  }
  return {
    factorMicros: Math.round(Number(fromText?.[1] ?? factor ?? 0) * MICROS),
    usualAtLeast: reader.integer(node, 'usualAtLeast') ?? USUAL_AT_LEAST_BY_DEFAULT,
    region: reader.verdictExpression(node, 'region', scope, OPTIONAL_TEXT),
  };
}

function compileAfterPayment(
  reader: TermsReader,
  root: YAMLMap,
  scope: Scope,
  currency: string,
): Holding['afterPayment'] {
  const kind = reader.text(root, 'afterPayment') ?? 'absorb';
  const cap = constantMoney(reader, root, 'clawBackCap', scope, currency);
  if ((kind === 'claw-back') !== root.has('clawBackCap')) {
    const message = '`afterPayment: claw-back` and `clawBackCap` belong together';
    const advice = 'Say how much may be asked back at most, e.g. `clawBackCap: 20.00`; without claw-back take it out.';
    const field = root.has('clawBackCap') ? 'clawBackCap' : 'afterPayment';
    reader.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, reader.offsetOf(root, field));
  }
  if (kind === 'claw-back' && cap !== null) return { kind, cap };
  return { kind: kind === 'offset' ? 'offset' : 'absorb' };
}

function compileUnclaimed(reader: TermsReader, root: YAMLMap): Holding['unclaimed'] {
  const node = reader.map(root, 'unclaimed');
  if (node === null) return UNCLAIMED_BY_DEFAULT;
  const remindAfterMs = reader.durationMs(node, 'remindAfter') ?? UNCLAIMED_BY_DEFAULT.remindAfterMs;
  const claimWithinMs = reader.durationMs(node, 'claimWithin');
  if (claimWithinMs !== null && claimWithinMs <= remindAfterMs) {
    const message = '`claimWithin` ends before the reminder is due';
    const advice = 'Remind before it is too late: `unclaimed: { remindAfter: P30D, claimWithin: P1095D }`.';
    reader.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, reader.offsetOf(node, 'claimWithin'));
  }
  return { remindAfterMs, claimWithinMs };
}

function compileRoute(reader: TermsReader, root: YAMLMap, scope: Scope): Holding['route'] {
  const text = scalarText(root, 'route');
  if (text === null) return null;
  if (ROUTE.test(text)) return { text, place: reader.place(root, 'route'), evaluate: () => text };
  const compiled = reader.verdictExpression(root, 'route', scope, TEXT);
  if (compiled === null) return null;
  return {
    text: compiled.text,
    place: compiled.place,
    evaluate: (verdict) => {
      const route = compiled.evaluate(verdict);
      return ROUTE.test(route) ? route : 'topic';
    },
  };
}

function compileQuietHours(reader: TermsReader, root: YAMLMap): QuietHours | null {
  const node = reader.map(root, 'quietHours');
  if (node === null) return null;
  const minute = (field: string): number => {
    const text = reader.text(node, field) ?? '';
    const clock = CLOCK.exec(text);
    if (clock !== null) return Number(clock[1]) * 60 + Number(clock[2]);
    const message = `${field}: \`${text}\` is no local time`;
    reader.source.report('GUARANTEE_WRONG_VALUE', message, 'Write HH:MM, e.g. "21:00".', reader.offsetOf(node, field));
    return 0;
  };
  return { fromMinute: minute('from'), toMinute: minute('to') };
}

function compileHandling(reader: TermsReader, root: YAMLMap, scope: Scope): Holding['handling'] {
  const node = reader.map(root, 'handling');
  const personal = node === null ? null : reader.verdictExpression(node, 'personal', scope, CONDITION);
  return node === null || personal === null ? null : { personal, by: reader.text(node, 'by') };
}

function compileTax(reader: TermsReader, root: YAMLMap, scope: Scope): Holding['tax'] {
  const node = reader.map(root, 'tax');
  const tax: Record<string, Holding['tax'][string]> = {};
  for (const { key } of (node?.items ?? []) as Pair<Scalar>[]) {
    const name = String(key.value);
    const compiled = reader.verdictExpression(node as YAMLMap, name, scope, FACT);
    if (compiled !== null) tax[name] = compiled;
  }
  return tax;
}

/** `50.00`, `50.00 EUR` or an expression that names nothing, such as `money("50.00")`. */
function constantMoney(
  reader: TermsReader,
  node: YAMLMap,
  field: string,
  scope: Scope,
  currency: string,
): Money | null {
  const text = scalarText(node, field);
  if (text === null) return null;
  if (DECIMAL_AMOUNT.test(text)) return roundToMoney(amountFromMajor(text, currency), 'half-up');
  const compiled = reader.verdictExpression(node, field, scope, moneyKind('half-up'));
  if (compiled === null) return null;
  if (compiled.variables.size === 0) return compiled.evaluate(NO_VERDICT);
  const message = `${field}: \`${text}\` depends on the promise, but one amount for all is needed`;
  reader.source.report('GUARANTEE_WRONG_VALUE', message, 'Write an amount, e.g. 50.00.', reader.offsetOf(node, field));
  return null;
}

function scalarText(node: YAMLMap, field: string): string | null {
  const scalar = node.get(field, true) as unknown;
  if (!isScalar(scalar)) return null;
  return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? String(scalar.value));
}
