import type { WorkingCalendar } from '#libs/calendar';
import { currencyExponent } from '#libs/kernel';
import { isScalar, type Pair, type Scalar, type YAMLMap } from 'yaml';
import type { ClaimTerms, Exemption, LatenessTerm, RateTable, RemedyTerms, Suspension } from '../remedy.js';
import { amountFromMajor, ratioOf, type Rounding } from '../expressions/amount.js';
import { MOMENT, WHOLE_NUMBER } from '../expressions/remedy-kinds.js';
import { CONDITION } from '../expressions/result-kind.js';
import { compileDayLimit } from './compile-day-limit.js';
import type { VerdictReader } from './compile-verdict-expression.js';
import type { TermsReader } from './terms-reader.js';

export interface RemedyTermsContext {
  readonly rounding: Rounding;
  readonly currency: string;
  readonly rates: RemedyTerms['rates'];
  readonly calendar: () => WorkingCalendar;
}

/** What follows from the verdict beside the remedies themselves. */
export function compileRemedyTerms(reader: VerdictReader, root: YAMLMap, context: RemedyTermsContext): RemedyTerms {
  const { terms } = reader;
  return {
    settle: terms.text(root, 'settle') === 'bands' ? 'bands' : 'completion',
    combine: terms.text(root, 'combine') === 'best' ? 'best' : 'add',
    claim: compileClaim(reader, root),
    exempt: terms.maps(root, 'exempt').flatMap((node): Exemption[] => {
      const when = reader.read(node, 'when', CONDITION);
      const code = terms.text(node, 'code') as Exemption['code'];
      return when === null ? [] : [{ code, place: terms.place(node), when }];
    }),
    suspended: terms.maps(root, 'suspended').map((node): Suspension => ({
      from: terms.text(node, 'from') ?? '',
      until: terms.text(node, 'until') ?? '',
      place: terms.place(node),
      when: reader.read(node, 'when', CONDITION),
    })),
    lateness: terms.maps(root, 'lateness').map((node): LatenessTerm => {
      if (node.has('days') === node.has('from')) {
        const message = `lateness is told in days or from a moment: ${node.has('days') ? 'both are' : 'neither is'} there`;
        const advice = 'Write e.g. `days: facts.daysLate` or `from: facts.scheduledAt`.';
        terms.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, terms.offsetOf(node));
      }
      const when = reader.read(node, 'when', CONDITION);
      return { when, days: reader.read(node, 'days', WHOLE_NUMBER), from: reader.read(node, 'from', MOMENT) };
    }),
    rates: context.rates,
    rounding: context.rounding,
    payoutUnitMinor: payoutUnit(terms, root, context.currency),
    get calendar() {
      return context.calendar();
    },
  };
}

function compileClaim(reader: VerdictReader, root: YAMLMap): ClaimTerms | null {
  const { terms } = reader;
  const node = terms.map(root, 'claim');
  if (node === null) return null;
  const { by } = node.toJSON() as { by?: ClaimTerms['by'] };
  return {
    place: terms.place(root, 'claim'),
    required: reader.read(node, 'required', CONDITION),
    within: compileDayLimit(reader, node, 'within'),
    until: reader.read(node, 'until', MOMENT),
    by: by ?? [],
  };
}

/** The tables of rates, read before the expressions that name them. */
export function compileRates(terms: TermsReader, root: YAMLMap, currency: string): Record<string, RateTable> {
  const tables: Record<string, RateTable> = {};
  const node = terms.map(root, 'rates');
  for (const { key } of (node?.items ?? []) as Pair<Scalar>[]) {
    const name = String(key.value);
    let before = '';
    tables[name] = terms.maps(node as YAMLMap, name).flatMap((entry) => {
      const from = terms.text(entry, 'from') ?? '';
      if (from <= before) {
        const advice = 'Write the rates in the order of their dates, each date once.';
        const message = `rates.${name}: ${from} does not come after ${before}`;
        terms.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, terms.offsetOf(entry, 'from'));
      }
      before = from;
      const amount = moneyOf(terms, entry, currency);
      return amount === null ? [] : [{ from, amount }];
    });
  }
  return tables;
}

function moneyOf(terms: TermsReader, entry: YAMLMap, currency: string): RateTable[number]['amount'] | null {
  const scalar = entry.get('amount', true) as unknown;
  const text = isScalar(scalar) ? String(scalar.source ?? scalar.value) : '';
  try {
    return amountFromMajor(text, currency);
  } catch {
    const advice = 'Write it in major units, e.g. "10.34" or "10.34 GBP".';
    const message = `amount: \`${text}\` is no money`;
    terms.source.report('GUARANTEE_WRONG_VALUE', message, advice, terms.offsetOf(entry, 'amount'));
    return null;
  }
}

function payoutUnit(terms: TermsReader, root: YAMLMap, currency: string): number {
  const text = terms.text(root, 'payoutUnit');
  if (text === null) return 1;
  const unit = /^\d{1,9}(\.\d{1,4})?$/.test(text) ? ratioOf(text) : null;
  const minor = unit === null ? 0n : unit.numerator * 10n ** BigInt(currencyExponent(currency));
  if (unit !== null && minor > 0n && minor % unit.denominator === 0n) return Number(minor / unit.denominator);
  const advice = 'Write an amount in major units, e.g. "1.00" where only whole dollars are paid.';
  terms.source.report(
    'GUARANTEE_WRONG_VALUE',
    `payoutUnit: \`${text}\` is no amount of ${currency} above zero`,
    advice,
    terms.offsetOf(root, 'payoutUnit'),
  );
  return 1;
}
