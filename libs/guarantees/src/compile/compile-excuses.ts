import type { YAMLMap } from 'yaml';
import type { ExcuseTerm } from '../guarantee.js';
import { OPTIONAL_TEXT } from '../expressions/result-kind.js';
import { compilePattern } from './compile-evidence.js';
import type { TermsReader } from './terms-reader.js';

/** The `excuses:` of a checked guarantee, in the order of the file. */
export function compileExcuses(reader: TermsReader, root: YAMLMap): ExcuseTerm[] {
  return reader.maps(root, 'excuses').map((node) => {
    const byEvent = node.has('on');
    const disruption = node.get('disruption') === true;
    if (!byEvent && !disruption) {
      const message = 'an excuse needs `on` (the event that excuses) or `disruption: true`';
      const advice =
        'Write { code: wrong-address, on: post.item.exception } or { code: force-majeure, disruption: true }.';
      reader.source.report('GUARANTEE_MISSING_FIELD', message, advice, reader.offsetOf(node));
    }
    if (byEvent && disruption) {
      const advice = 'Write two entries with the same code.';
      const message = 'an excuse has either `on` or `disruption: true`';
      reader.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, reader.offsetOf(node, 'disruption'));
    }
    for (const field of ['when', 'names']) {
      if (byEvent || !node.has(field)) continue;
      const message = `${field} says nothing here: the excuse has no \`on\``;
      reader.source.report(
        'GUARANTEE_FIELD_OUT_OF_PLACE',
        message,
        `Take \`${field}\` out.`,
        reader.offsetOf(node, field),
      );
    }
    return {
      code: String(node.get('code')),
      place: reader.place(node, 'code'),
      pattern: byEvent ? compilePattern(reader, node) : null,
      disruption,
      names: byEvent ? reader.evidenceExpression(node, 'names', OPTIONAL_TEXT) : null,
      budgetMs: reader.durationMs(node, 'budget'),
    };
  });
}
