import type { YAMLMap } from 'yaml';
import type { DayLimit } from '../remedy.js';
import { MOMENT } from '../expressions/remedy-kinds.js';
import type { VerdictReader } from './compile-verdict-expression.js';

const LENGTHS = ['days', 'workingDays', 'months', 'monthEnds'] as const;

/** A period of a checked mapping; null where there is none. */
export function compileDayLimit(reader: VerdictReader, parent: YAMLMap, field: string): DayLimit | null {
  const { terms } = reader;
  const node = terms.map(parent, field);
  if (node === null) return null;
  const given = LENGTHS.filter((length) => node.has(length));
  if (given.length !== 1) {
    const message = `${field} needs exactly one of ${LENGTHS.join(', ')}; ${given.length === 0 ? 'none is' : `${given.join(' and ')} are`} there`;
    const advice = `Write e.g. \`${field}: { days: 28, from: dueAt }\`.`;
    terms.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, terms.offsetOf(node, given[1]));
  }
  return {
    place: terms.place(parent, field),
    days: terms.integer(node, 'days'),
    workingDays: terms.integer(node, 'workingDays'),
    months: terms.integer(node, 'months'),
    monthEnds: terms.integer(node, 'monthEnds'),
    from: reader.read(node, 'from', MOMENT),
  };
}
