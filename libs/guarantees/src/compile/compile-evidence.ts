import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import type { EvidenceTerms, FactPattern, PausePattern, ReschedulePattern } from '../guarantee.js';
import { CONDITION, FACT, INSTANT, OPTIONAL_TEXT, TEXT } from '../expressions/result-kind.js';
import type { TermsReader } from './terms-reader.js';

const DAY_MS = 86_400_000;
const CORRECTION_BY_DEFAULT_MS = 7 * DAY_MS;
const UNKNOWN_AT_MOST_BY_DEFAULT_MS = 7 * DAY_MS;
const RESUME_GRACE_BY_DEFAULT_MS = 60_000;
const COMPLETION_LIMIT_BY_DEFAULT_MS = 365 * DAY_MS;
const MAX_PAUSE_BY_DEFAULT_MS = 90 * DAY_MS;

/** Events of a type, where need be under a condition that may read the promise. */
export function compilePattern(reader: TermsReader, node: YAMLMap): FactPattern {
  return {
    on: String(node.get('on')),
    when: reader.evidenceExpression(node, 'when', CONDITION),
    place: reader.place(node, 'on'),
  };
}

/** The `evidence:` of a checked guarantee. */
export function compileEvidence(reader: TermsReader, root: YAMLMap): EvidenceTerms {
  const node = reader.map(root, 'evidence') as YAMLMap;
  const each = <T>(field: string, more: (item: YAMLMap) => T): (FactPattern & T)[] =>
    reader.maps(node, field).map((item) => ({ ...compilePattern(reader, item), ...more(item) }));
  const patterns = (field: string): FactPattern[] => each(field, () => ({}));
  if (node.has('rescheduleAtMost')) needs(reader, node, 'rescheduleAtMost', 'rescheduled');
  if (node.has('firstDeadline')) needs(reader, node, 'firstDeadline', 'rescheduled');
  return {
    kept: each('kept', (item) => ({ piece: reader.evidenceExpression(item, 'piece', OPTIONAL_TEXT) })),
    cancelled: patterns('cancelled'),
    failed: patterns('failed'),
    rescheduled: reader.maps(node, 'rescheduled').flatMap((item) => compileReschedule(reader, item) ?? []),
    rescheduledAtMost: reader.integer(node, 'rescheduleAtMost'),
    firstLiability: (reader.text(node, 'firstDeadline') as EvidenceTerms['firstLiability'] | null) ?? 'nil',
    paused: reader.maps(node, 'paused').map((item) => compilePause(reader, item)),
    revoked: reader.maps(node, 'revoked').flatMap((item) => {
      const of = reader.evidenceExpression(item, 'of', TEXT);
      return of === null ? [] : { ...compilePattern(reader, item), of };
    }),
    owned: reader.maps(node, 'owned').flatMap((item) => {
      const owner = reader.evidenceExpression(item, 'owner', OPTIONAL_TEXT);
      return owner === null ? [] : { ...compilePattern(reader, item), owner };
    }),
    learned: each('learned', (item) => ({ facts: reader.expressions(item, 'facts', FACT, 'evidenceExpression') })),
    sources: reader.maps(node, 'sources').map((item) => ({
      source: String(item.get('source')),
      by: reader.expression(item, 'by', OPTIONAL_TEXT),
    })),
    keptAfter: reader.text(node, 'after') === 'opened' ? 'opened' : 'any',
    ...compileTimes(reader, node),
  };
}

function compileTimes(reader: TermsReader, node: YAMLMap) {
  const correctionMs = reader.durationMs(node, 'correction') ?? CORRECTION_BY_DEFAULT_MS;
  const completionLimitMs =
    reader.durationMs(node, 'completionLimit') ?? Math.max(COMPLETION_LIMIT_BY_DEFAULT_MS, correctionMs);
  if (completionLimitMs < correctionMs) {
    const message = 'completionLimit is shorter than correction';
    const advice = 'Completion is waited for at least as long as facts may change the verdict.';
    reader.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, reader.offsetOf(node, 'completionLimit'));
  }
  return {
    allowanceMs: reader.durationMs(node, 'allowance') ?? 0,
    correctionMs,
    completionLimitMs,
    unknownAtMostMs: reader.durationMs(node, 'unknownAtMost') ?? UNKNOWN_AT_MOST_BY_DEFAULT_MS,
    resumeGraceMs: reader.durationMs(node, 'resumeGrace') ?? RESUME_GRACE_BY_DEFAULT_MS,
  };
}

function compileReschedule(reader: TermsReader, node: YAMLMap): ReschedulePattern | null {
  const to = reader.evidenceExpression(node, 'to', INSTANT);
  if (to === null) return null;
  return { ...compilePattern(reader, node), to, noticeAtLeastMs: reader.durationMs(node, 'noticeAtLeast') ?? 0 };
}

function compilePause(reader: TermsReader, node: YAMLMap): PausePattern {
  return {
    ...compilePattern(reader, node),
    reason: reader.evidenceExpression(node, 'reason', TEXT),
    key: reader.evidenceExpression(node, 'key', OPTIONAL_TEXT),
    until: endings(reader, node, node.get('until', true)),
    effect: (reader.text(node, 'effect') as PausePattern['effect'] | null) ?? 'clock',
    maxPauseMs: reader.durationMs(node, 'maxPause') ?? MAX_PAUSE_BY_DEFAULT_MS,
  };
}

/** What ends a pause: a type, a pattern, or a list of them. */
function endings(reader: TermsReader, pause: YAMLMap, node: unknown): FactPattern[] {
  if (isSeq(node)) return node.items.flatMap((item) => endings(reader, pause, item));
  if (isMap(node)) return [compilePattern(reader, node)];
  if (!isScalar(node)) return [];
  const at = node.range?.[0] ?? reader.offsetOf(pause, 'until');
  return [{ on: String(node.value), when: null, place: reader.source.placeAt(at) }];
}

function needs(reader: TermsReader, node: YAMLMap, field: string, partner: string): void {
  if (node.has(partner)) return;
  const message = `${field} says nothing here: evidence has no \`${partner}\``;
  const advice = `Add \`${partner}\`, or take \`${field}\` out.`;
  reader.source.report('GUARANTEE_FIELD_OUT_OF_PLACE', message, advice, reader.offsetOf(node, field));
}
