import type { YAMLMap } from 'yaml';
import type { Nature, RemedyKind } from '#libs/contracts';
import type { PerDay, Remedy } from '../remedy.js';
import { EXACT_MONEY, RATIO, ROUNDING_NAME } from '../expressions/remedy-kinds.js';
import { CONDITION } from '../expressions/result-kind.js';
import { checkRemedyFields, NATURE_BY_DEFAULT } from './check-remedy-fields.js';
import { compileDayLimit } from './compile-day-limit.js';
import { compileTiers } from './compile-tiers.js';
import type { VerdictReader } from './compile-verdict-expression.js';

/** Names that a remedy may refer to. */
export interface RemedyNames {
  readonly rates: readonly string[];
  readonly bases: readonly string[];
}

/** The remedies of a checked guarantee, in the order of the file. */
export function compileRemedies(reader: VerdictReader, guarantee: YAMLMap, names: RemedyNames): Remedy[] {
  const { terms } = reader;
  const seen = new Map<string, number>();
  return terms.maps(guarantee, 'remedies').map((node) => {
    const id = terms.text(node, 'id') ?? '';
    const line = terms.place(node, 'id').line;
    const first = seen.get(id);
    if (first !== undefined) {
      const message = `remedy \`${id}\` stands on line ${first} already`;
      const advice = 'Give each remedy an id of its own: payments are counted by it.';
      terms.source.report('GUARANTEE_DUPLICATE_REMEDY', message, advice, terms.offsetOf(node, 'id'));
    }
    seen.set(id, line);
    return compileRemedy(reader, node, id, names);
  });
}

function compileRemedy(reader: VerdictReader, node: YAMLMap, id: string, names: RemedyNames): Remedy {
  const { terms } = reader;
  const kind = terms.text(node, 'kind') as RemedyKind;
  checkRemedyFields(terms, node, kind, names);
  const amount = reader.read(node, 'amount', EXACT_MONEY);
  const tiers = compileTiers(reader, node);
  const nature = (terms.text(node, 'nature') as Nature | null) ?? NATURE_BY_DEFAULT[kind];
  const minimum = terms.map(node, 'minimum');
  const test = minimum?.has('over') === true ? 'over' : 'atLeast';
  const least = minimum === null ? null : reader.read(minimum, test, EXACT_MONEY);
  const bases = [...new Set([...(amount?.bases ?? []), ...(tiers?.of?.bases ?? [])])];
  const givenBack = nature === 'price-reduction' && bases.length === 1 ? (bases[0] as string) : null;
  return {
    id,
    kind,
    place: terms.place(node),
    endLine: terms.endLine(node),
    nature,
    label: terms.text(node, 'label'),
    when: reader.read(node, 'when', CONDITION),
    amount,
    tiers,
    perDay: compilePerDay(reader, node, names),
    times: reader.read(node, 'times', RATIO),
    maximum: reader.read(node, 'maximum', EXACT_MONEY),
    minimum: least === null ? null : { test, amount: least },
    rounding: reader.read(node, 'rounding', ROUNDING_NAME),
    base: terms.text(node, 'base') ?? givenBack,
    isOncePerGroup: terms.text(node, 'oncePerGroup') === 'yes',
    points: terms.integer(node, 'points'),
    template: terms.text(node, 'template'),
    party: (terms.text(node, 'party') as Remedy['party'] | null) ?? 'customer',
    payWithinMs: terms.durationMs(node, 'payWithin'),
    payBy: compileDayLimit(reader, node, 'payBy'),
    expiresWithinMs: terms.durationMs(node, 'expiresWithin'),
    item: terms.text(node, 'item'),
    upon: kind === 'notice' ? ((terms.text(node, 'upon') as Remedy['upon']) ?? 'at-risk') : null,
  };
}

function compilePerDay(reader: VerdictReader, remedy: YAMLMap, { rates }: RemedyNames): PerDay | null {
  const { terms } = reader;
  const node = terms.map(remedy, 'perDay');
  if (node === null) return null;
  const rate = terms.text(node, 'rate');
  const report = (code: string, message: string, advice: string, field?: string): void =>
    terms.source.report(code, message, advice, terms.offsetOf(node, field));
  if ((rate === null) === !node.has('amount')) {
    const found = rate === null ? 'neither is' : 'both are';
    report('GUARANTEE_TERMS_CONFLICT', `perDay needs rate or amount; ${found} there`, 'Write e.g. `rate: repair`.');
  }
  if (rate !== null && !rates.includes(rate)) {
    const known = rates.length === 0 ? 'The guarantee has no `rates`.' : `Known: ${rates.join(', ')}.`;
    report('GUARANTEE_EXPRESSION_UNKNOWN_NAME', `there is no table of rates \`${rate}\``, known, 'rate');
  }
  const skip = node.toJSON() as { skip?: readonly string[] };
  return {
    place: terms.place(node),
    rate,
    amount: reader.read(node, 'amount', EXACT_MONEY),
    rateOn: terms.text(node, 'rateOn') === 'opening' ? 'opening' : 'day',
    countDueDay: reader.read(node, 'countDueDay', CONDITION),
    countLastDay: reader.read(node, 'countLastDay', CONDITION),
    skip: skip.skip ?? [],
  };
}
