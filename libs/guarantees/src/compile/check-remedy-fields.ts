import type { YAMLMap } from 'yaml';
import type { Nature, RemedyKind } from '#libs/contracts';
import { suggest } from '../expressions/check-names.js';
import type { RemedyNames } from './compile-remedies.js';
import type { TermsReader } from './terms-reader.js';

/** The fields of which one says how much or what, by kind; callbacks need none. */
const SUBSTANCE: Readonly<Record<RemedyKind, readonly string[]>> = {
  refund: ['amount', 'tiers', 'perDay'],
  credit: ['amount', 'tiers', 'perDay'],
  voucher: ['amount', 'tiers', 'perDay'],
  points: ['points'],
  apology: ['template'],
  notice: ['template'],
  gift: ['item'],
  callback: [],
};

const EXAMPLES: Readonly<Record<string, string>> = {
  amount: 'amount: base.freight',
  points: 'points: 500',
  template: 'template: delivery-late',
  item: 'item: flowers',
};

export const NATURE_BY_DEFAULT: Readonly<Record<RemedyKind, Nature>> = {
  refund: 'price-reduction',
  credit: 'price-reduction',
  voucher: 'goodwill',
  points: 'goodwill',
  apology: 'goodwill',
  notice: 'goodwill',
  gift: 'goodwill',
  callback: 'goodwill',
};

const MONEY = ['refund', 'credit', 'voucher'] as const;
const WORDS = ['apology', 'notice', 'callback'] as const;
/** Fields that only some kinds have. */
const KINDS_OF_FIELD: Readonly<Record<string, readonly RemedyKind[]>> = {
  amount: MONEY,
  tiers: MONEY,
  perDay: MONEY,
  times: MONEY,
  maximum: MONEY,
  minimum: MONEY,
  rounding: MONEY,
  base: MONEY,
  points: ['points'],
  template: ['apology', 'notice'],
  item: ['gift'],
  payWithin: MONEY,
  payBy: MONEY,
  party: WORDS,
  upon: ['notice'],
  expiresWithin: ['voucher'],
};

/** Reports what a remedy of this kind lacks, and what it has that says nothing. */
export function checkRemedyFields(reader: TermsReader, node: YAMLMap, kind: RemedyKind, names: RemedyNames): void {
  const substance = SUBSTANCE[kind];
  const given = substance.filter((field) => node.has(field));
  const report = (code: string, message: string, advice: string, field?: string): void =>
    reader.source.report(code, message, advice, reader.offsetOf(node, field));
  const [first] = substance;
  if (first !== undefined && given.length === 0) {
    const message = `a remedy of kind ${kind} needs ${substance.map((field) => `\`${field}\``).join(' or ')}`;
    report('GUARANTEE_MISSING_FIELD', message, `Add it, e.g. \`${EXAMPLES[first]}\`.`);
  }
  if (given.length > 1) {
    const advice = 'Write two remedies, or one amount.';
    report('GUARANTEE_TERMS_CONFLICT', `a remedy has one of ${given.join(' and ')}`, advice, given[1]);
  }
  for (const [field, kinds] of Object.entries(KINDS_OF_FIELD)) {
    if (!node.has(field) || kinds.includes(kind)) continue;
    const message = `\`${field}\` says nothing in a remedy of kind ${kind}: it belongs to ${kinds.join(', ')}`;
    report('GUARANTEE_FIELD_OUT_OF_PLACE', message, `Take \`${field}\` out, or change the kind.`, field);
  }
  const base = reader.text(node, 'base');
  if (base !== null && !names.bases.includes(base)) {
    report('GUARANTEE_EXPRESSION_UNKNOWN_NAME', `opens.base has no \`${base}\``, suggest(base, names.bases), 'base');
  }
  if (node.has('payWithin') && node.has('payBy')) {
    report('GUARANTEE_TERMS_CONFLICT', 'a payment has one deadline: payWithin or payBy', 'Take one out.', 'payBy');
  }
}
