import type { YAMLMap } from 'yaml';
import type { Nature, RemedyKind } from '#libs/contracts';
import type { Remedy, VerdictExpression, VerdictScope } from '../guarantee.js';
import type { CompiledExpression, ExpressionScope } from '../expressions/compile-expression.js';
import { CONDITION, owedMoneyKind } from '../expressions/result-kind.js';
import { LATENESS_VARIABLES } from '../expressions/verdict-scope.js';
import type { Rounding } from '../expressions/amount.js';
import type { TermsReader } from './terms-reader.js';

/** The field that says how much or what, by kind; callbacks need none. */
const SUBSTANCE: Readonly<Record<RemedyKind, 'amount' | 'points' | 'template' | 'item' | null>> = {
  refund: 'amount',
  credit: 'amount',
  voucher: 'amount',
  points: 'points',
  apology: 'template',
  notice: 'template',
  gift: 'item',
  callback: null,
};

const NATURE_BY_DEFAULT: Readonly<Record<RemedyKind, Nature>> = {
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
  points: ['points'],
  template: ['apology', 'notice'],
  item: ['gift'],
  payWithin: MONEY,
  party: WORDS,
  expiresWithin: ['voucher'],
};

/** The remedies of a checked guarantee, in the order of the file. */
export function compileRemedies(
  reader: TermsReader,
  guarantee: YAMLMap,
  scope: ExpressionScope<VerdictScope>,
  rounding: Rounding,
): Remedy[] {
  const seen = new Map<string, number>();
  return reader.maps(guarantee, 'remedies').map((node) => {
    const id = reader.text(node, 'id') ?? '';
    const line = reader.place(node, 'id').line;
    const first = seen.get(id);
    if (first !== undefined) {
      const message = `remedy \`${id}\` stands on line ${first} already`;
      const advice = 'Give each remedy an id of its own: payments are counted by it.';
      reader.source.report('GUARANTEE_DUPLICATE_REMEDY', message, advice, reader.offsetOf(node, 'id'));
    }
    seen.set(id, line);
    return compileRemedy(reader, node, id, scope, rounding);
  });
}

function compileRemedy(
  reader: TermsReader,
  node: YAMLMap,
  id: string,
  scope: ExpressionScope<VerdictScope>,
  rounding: Rounding,
): Remedy {
  const kind = reader.text(node, 'kind') as RemedyKind;
  checkFields(reader, node, kind);
  const when = reader.verdictExpression(node, 'when', scope, CONDITION);
  const amount = reader.verdictExpression(node, 'amount', scope, owedMoneyKind(rounding));
  return {
    id,
    kind,
    place: reader.place(node),
    endLine: reader.endLine(node),
    nature: (reader.text(node, 'nature') as Nature | null) ?? NATURE_BY_DEFAULT[kind],
    label: reader.text(node, 'label'),
    when: when === null ? null : verdictExpression(when),
    amount: amount === null ? null : verdictExpression(amount),
    points: reader.integer(node, 'points'),
    template: reader.text(node, 'template'),
    party: (reader.text(node, 'party') as Remedy['party'] | null) ?? 'customer',
    payWithinMs: reader.durationMs(node, 'payWithin'),
    expiresWithinMs: reader.durationMs(node, 'expiresWithin'),
    item: reader.text(node, 'item'),
  };
}

function verdictExpression<T>(compiled: CompiledExpression<VerdictScope, T>): VerdictExpression<T> {
  const needsLateness = [...LATENESS_VARIABLES].some((name) => compiled.variables.has(name));
  return { text: compiled.text, place: compiled.place, needsLateness, evaluate: compiled.evaluate };
}

function checkFields(reader: TermsReader, node: YAMLMap, kind: RemedyKind): void {
  const substance = SUBSTANCE[kind];
  if (substance !== null && !node.has(substance)) {
    const examples = {
      amount: 'amount: base.freight',
      points: 'points: 500',
      template: 'template: delivery-late',
      item: 'item: flowers',
    };
    const message = `a remedy of kind ${kind} needs \`${substance}\``;
    const advice = `Add it, e.g. \`${examples[substance]}\`.`;
    reader.source.report('GUARANTEE_MISSING_FIELD', message, advice, reader.offsetOf(node));
  }
  for (const [field, kinds] of Object.entries(KINDS_OF_FIELD)) {
    if (!node.has(field) || kinds.includes(kind)) continue;
    const message = `\`${field}\` says nothing in a remedy of kind ${kind}: it belongs to ${kinds.join(', ')}`;
    reader.source.report(
      'GUARANTEE_FIELD_OUT_OF_PLACE',
      message,
      `Take \`${field}\` out, or change the kind.`,
      reader.offsetOf(node, field),
    );
  }
}
