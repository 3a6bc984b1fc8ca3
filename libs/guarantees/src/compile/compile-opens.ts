import type { YAMLMap } from 'yaml';
import type { Opens } from '../guarantee.js';
import type { Rounding } from '../expressions/amount.js';
import { CONDITION, countKind, FACT, moneyKind, OPTIONAL_TEXT, TEXT } from '../expressions/result-kind.js';
import type { TermsReader } from './terms-reader.js';

/** A subject has at most 256 facts. */
const PIECES_MAX = 250;

/** The `opens:` of a checked guarantee, with its `covers:`. */
export function compileOpens(reader: TermsReader, root: YAMLMap, rounding: Rounding): Opens {
  const node = reader.map(root, 'opens') as YAMLMap;
  const onReopen = reader.text(node, 'onReopen') as Opens['onReopen'] | null;
  checkReopening(reader, root, node, onReopen);
  checkPieces(reader, root, node);
  return {
    on: String(node.get('on')),
    when: reader.expression(node, 'when', CONDITION),
    place: reader.place(node, 'on'),
    covers: reader.expression(root, 'covers', CONDITION),
    cycle: reader.expression(node, 'cycle', TEXT),
    onReopen: onReopen ?? 'each',
    debounceMs: reader.durationMs(node, 'debounce') ?? 0,
    pieces: reader.expression(node, 'count', countKind(PIECES_MAX)) as Opens['pieces'],
    customer: reader.expression(node, 'customer', OPTIONAL_TEXT),
    payer: reader.expression(node, 'payer', OPTIONAL_TEXT),
    recipient: reader.expression(node, 'recipient', OPTIONAL_TEXT),
    owner: reader.expression(node, 'owner', OPTIONAL_TEXT),
    group: reader.expression(node, 'group', OPTIONAL_TEXT),
    refs: reader.expressions(node, 'refs', OPTIONAL_TEXT),
    base: reader.expressions(node, 'base', moneyKind(rounding)),
    facts: reader.expressions(node, 'facts', FACT),
  };
}

function checkReopening(reader: TermsReader, root: YAMLMap, opens: YAMLMap, onReopen: string | null): void {
  const conflict = (message: string, advice: string, field: string): void =>
    reader.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, reader.offsetOf(opens, field));
  if (onReopen !== null && opens.has('cycle')) {
    const advice = 'Take one of the two out: with `cycle` each opening of another key is a promise of its own.';
    conflict('onReopen and cycle both say what a further opening does', advice, 'onReopen');
  }
  if (opens.has('debounce') && onReopen !== 'continue' && onReopen !== 'new-cycle') {
    const message = 'debounce says nothing here: no reopening begins anything';
    conflict(message, 'Add `onReopen: continue` or `onReopen: new-cycle`, or take `debounce` out.', 'debounce');
  }
  const due = reader.map(root, 'due');
  const alternatives = due === null ? reader.maps(root, 'due') : [due];
  if (onReopen === 'continue' && alternatives.some((node) => !node.has('within') && !node.has('none'))) {
    const advice = 'Give `due` a `within`, or begin anew: `onReopen: new-cycle`.';
    conflict('onReopen: continue goes on with what is left of a clock, but due is no `within`', advice, 'onReopen');
  }
}

/** Pieces are counted by name: without one of the two nobody knows when the last is there. */
function checkPieces(reader: TermsReader, root: YAMLMap, opens: YAMLMap): void {
  const kept = reader.maps(reader.map(root, 'evidence') as YAMLMap, 'kept');
  const without = kept.find((node) => !node.has('piece'));
  const piece = kept.find((node) => node.has('piece'));
  if (opens.has('count') && without !== undefined) {
    const advice = 'Add it, e.g. `piece: event.data.parcel`.';
    const message = 'opens.count needs `piece` in each entry of kept';
    reader.source.report('GUARANTEE_MISSING_FIELD', message, advice, reader.offsetOf(without));
  } else if (!opens.has('count') && piece !== undefined) {
    const advice = 'Add `count` to opens, e.g. `count: event.data.parcels`, or take `piece` out.';
    const message = 'piece says nothing here: opens has no `count`';
    reader.source.report('GUARANTEE_FIELD_OUT_OF_PLACE', message, advice, reader.offsetOf(piece, 'piece'));
  }
}
