import { isScalar, type YAMLMap } from 'yaml';
import { parseDurationMs } from '#libs/kernel';
import type { Tier, Tiers } from '../remedy.js';
import { ratioOf, type Ratio } from '../expressions/amount.js';
import { compareRatios } from '../expressions/exact-number.js';
import { EXACT_MONEY, RATIO } from '../expressions/remedy-kinds.js';
import type { VerdictReader } from './compile-verdict-expression.js';

const TESTS = ['over', 'atLeast', 'below'] as const;

/** The tiers of a checked remedy; null where it has none. */
export function compileTiers(reader: VerdictReader, remedy: YAMLMap): Tiers | null {
  const { terms } = reader;
  const node = terms.map(remedy, 'tiers');
  if (node === null) return null;
  const measure = reader.read(node, 'measure', RATIO);
  const of = reader.read(node, 'of', EXACT_MONEY);
  const items = terms.maps(node, 'list');
  const list = items.map((item) => compileTier(reader, item, !node.has('measure'), node.has('of')));
  const last = list.at(-1);
  if (last !== undefined && last.bound !== null) {
    const message = 'the last tier has a bound: nothing says what holds for the rest';
    const advice = 'End the list with a tier without bound, e.g. `- { percent: 0 }`.';
    terms.source.report('GUARANTEE_TIER_MISSING_DEFAULT', message, advice, terms.offsetOf(items.at(-1) as YAMLMap));
  }
  list.forEach((tier, i) => {
    const above = list.slice(0, i).find((earlier) => covers(earlier, tier));
    if (above === undefined) return;
    const message = `this tier is never reached: the one on line ${above.place.line} holds wherever it would`;
    const advice = 'The first tier that holds counts: write the tightest bound first.';
    terms.source.report('GUARANTEE_TIER_UNREACHABLE', message, advice, terms.offsetOf(items[i] as YAMLMap));
  });
  return { measure, of, list };
}

function compileTier(reader: VerdictReader, node: YAMLMap, isLateness: boolean, hasOf: boolean): Tier {
  const { terms } = reader;
  const report = (code: string, message: string, advice: string): void =>
    terms.source.report(code, message, advice, terms.offsetOf(node));
  const tests = TESTS.filter((test) => node.has(test));
  if (tests.length > 1) {
    const advice = 'The tiers above it bound the other side.';
    report('GUARANTEE_TERMS_CONFLICT', `a tier has one bound; ${tests.join(' and ')} are there`, advice);
  }
  if (node.has('amount') === node.has('percent')) {
    const found = node.has('amount') ? 'both are' : 'neither is';
    report('GUARANTEE_TERMS_CONFLICT', `a tier needs amount or percent; ${found} there`, 'Write e.g. `percent: 50`.');
  }
  if (node.has('percent') && !hasOf) {
    report('GUARANTEE_MISSING_FIELD', 'a share needs tiers.of', 'Add what it is a share of, e.g. `of: base.fare`.');
  }
  const [test] = tests;
  return {
    place: terms.place(node),
    bound: test === undefined ? null : boundOf(reader, node, test, isLateness),
    amount: reader.read(node, 'amount', EXACT_MONEY),
    percent: reader.read(node, 'percent', RATIO),
  };
}

function boundOf(
  reader: VerdictReader,
  node: YAMLMap,
  test: (typeof TESTS)[number],
  isLateness: boolean,
): Tier['bound'] {
  const scalar = node.get(test, true) as unknown;
  const text = isScalar(scalar) ? String(scalar.source ?? scalar.value) : '';
  const value = isLateness ? millisecondsOf(text) : numberOf(text);
  if (value !== null) return { test, value, text };
  const wanted = isLateness ? 'a duration' : 'a number';
  const advice = isLateness
    ? 'Write a duration of lateness, e.g. PT2H.'
    : 'Write what the measure is compared with, e.g. 99.9.';
  const offset = reader.terms.offsetOf(node, test);
  reader.terms.source.report('GUARANTEE_WRONG_VALUE', `${test}: \`${text}\` is not ${wanted}`, advice, offset);
  return null;
}

function millisecondsOf(text: string): Ratio | null {
  const ms = parseDurationMs(text);
  return ms === null ? null : { numerator: BigInt(ms), denominator: 1n };
}

function numberOf(text: string): Ratio | null {
  try {
    return ratioOf(text);
  } catch {
    return null;
  }
}

/** Whether wherever `later` holds, `earlier` does too. */
function covers(earlier: Tier, later: Tier): boolean {
  if (earlier.bound === null) return true;
  if (later.bound === null) return false;
  const isUpper = (test: (typeof TESTS)[number]): boolean => test === 'below';
  if (isUpper(earlier.bound.test) !== isUpper(later.bound.test)) return false;
  const difference = compareRatios(earlier.bound.value, later.bound.value);
  if (isUpper(earlier.bound.test)) return difference >= 0;
  return difference < 0 || (difference === 0 && !(earlier.bound.test === 'over' && later.bound.test === 'atLeast'));
}
