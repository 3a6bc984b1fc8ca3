import { createHash } from 'node:crypto';
import type { YAMLMap } from 'yaml';
import type { PromiseType } from '#libs/contracts';
import { isLocalDate, startOfLocalDayMs, type WorkingCalendar } from '#libs/calendar';
import { parseInstant, type InstantMs } from '#libs/kernel';
import type { EvidenceTerms, FactPattern, Guarantee, Opens } from '../guarantee.js';
import type { Rounding } from '../expressions/amount.js';
import { CONDITION, FACT, moneyKind, OPTIONAL_TEXT, TEXT } from '../expressions/result-kind.js';
import { eventScope, verdictScope } from '../expressions/scopes.js';
import { compileDue } from './compile-due.js';
import { compileHolding } from './compile-holding.js';
import { compileRemedies } from './compile-remedies.js';
import { compileRates, compileRemedyTerms } from './compile-remedy-terms.js';
import { VerdictReader } from './compile-verdict-expression.js';
import { readGuaranteeYaml } from './read-yaml.js';
import type { SourceFile } from './source-file.js';
import { TermsReader } from './terms-reader.js';
import { weekdaysIn } from './weekdays.js';

const DAY_MS = 86_400_000;
const CORRECTION_BY_DEFAULT_MS = 7 * DAY_MS;
const UNKNOWN_AT_MOST_BY_DEFAULT_MS = 7 * DAY_MS;
const RESUME_GRACE_BY_DEFAULT_MS = 60_000;
const COMPLETION_LIMIT_BY_DEFAULT_MS = 365 * DAY_MS;

/** Compiles one file; null when problems were reported into the source. */
export function compileGuarantee(source: SourceFile): Guarantee | null {
  const root = readGuaranteeYaml(source);
  if (root === null) return null;
  const currency = String(root.get('currency'));
  const timeZone = String(root.get('timeZone'));
  const version = Number(root.get('version'));
  const rounding = (root.get('rounding') as Rounding | undefined) ?? 'half-up';
  const reader = new TermsReader(source, eventScope(currency));
  const opens = compileOpens(reader, root, rounding);
  const due = compileDue(reader, reader.map(root, 'due') as YAMLMap, timeZone, { file: source.file, version });
  const evidence = compileEvidence(reader, reader.map(root, 'evidence') as YAMLMap);
  const opensNode = reader.map(root, 'opens') as YAMLMap;
  const bases = namesOf(reader, opensNode, 'base');
  const rates = compileRates(reader, root, currency);
  const calendar = (): WorkingCalendar => due?.calendar ?? weekdaysIn(timeZone);
  const scope = verdictScope(currency, bases, namesOf(reader, opensNode, 'facts'), { rates, calendar });
  const verdictReader = new VerdictReader(reader, scope);
  const remedies = compileRemedies(verdictReader, root, { rates: Object.keys(rates), bases });
  const remedyTerms = compileRemedyTerms(verdictReader, root, { rounding, currency, rates, calendar });
  const holding = compileHolding(reader, root, scope, currency);
  if (source.problems.length > 0 || due === null) return null;
  return {
    name: String(root.get('name')),
    version,
    title: String(root.get('title')),
    file: source.file,
    hash: createHash('sha256').update(source.text, 'utf8').digest('hex'),
    promiseType: root.get('promiseType') as PromiseType,
    currency,
    timeZone,
    source: reader.text(root, 'source'),
    mode: (reader.text(root, 'mode') as Guarantee['mode'] | null) ?? 'live',
    announce: (reader.text(root, 'announce') as Guarantee['announce'] | null) ?? 'all',
    effectiveFromMs: effectiveFrom(reader.text(root, 'effectiveFrom'), timeZone),
    build: createHash('sha256').update(source.text, 'utf8').digest('hex'),
    family: { name: String(root.get('name')), choose: 'all', rank: 0 },
    openWithinMs: null,
    opens,
    due,
    evidence,
    excuses: [],
    warnings: [],
    bands: [],
    remedies,
    remedyTerms,
    holding,
    factTypes: new Set([opens, ...evidence.kept, ...evidence.cancelled].map((pattern) => pattern.on)),
  };
}

function compileOpens(reader: TermsReader, root: YAMLMap, rounding: Rounding): Opens {
  const node = reader.map(root, 'opens') as YAMLMap;
  return {
    ...compilePattern(reader, node),
    covers: reader.expression(root, 'covers', CONDITION),
    cycle: reader.expression(node, 'cycle', TEXT),
    onReopen: 'each',
    debounceMs: 0,
    pieces: null,
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

function compilePattern(reader: TermsReader, node: YAMLMap): FactPattern {
  return {
    on: String(node.get('on')),
    when: reader.expression(node, 'when', CONDITION),
    place: reader.place(node, 'on'),
  };
}

function compileEvidence(reader: TermsReader, node: YAMLMap): EvidenceTerms {
  const correctionMs = reader.durationMs(node, 'correction') ?? CORRECTION_BY_DEFAULT_MS;
  const completionLimitMs =
    reader.durationMs(node, 'completionLimit') ?? Math.max(COMPLETION_LIMIT_BY_DEFAULT_MS, correctionMs);
  if (completionLimitMs < correctionMs) {
    const message = 'completionLimit is shorter than correction';
    const advice = 'Completion is waited for at least as long as facts may change the verdict.';
    reader.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, reader.offsetOf(node, 'completionLimit'));
  }
  return {
    kept: reader.maps(node, 'kept').map((item) => ({ ...compilePattern(reader, item), piece: null })),
    failed: [],
    rescheduled: [],
    rescheduledAtMost: null,
    firstLiability: 'nil',
    paused: [],
    revoked: [],
    owned: [],
    learned: [],
    sources: [],
    unknownAtMostMs: UNKNOWN_AT_MOST_BY_DEFAULT_MS,
    resumeGraceMs: RESUME_GRACE_BY_DEFAULT_MS,
    cancelled: reader.maps(node, 'cancelled').map((item) => compilePattern(reader, item)),
    keptAfter: reader.text(node, 'after') === 'opened' ? 'opened' : 'any',
    allowanceMs: reader.durationMs(node, 'allowance') ?? 0,
    correctionMs,
    completionLimitMs,
  };
}

function namesOf(reader: TermsReader, opens: YAMLMap, field: string): string[] {
  return (reader.map(opens, field)?.items ?? []).map(({ key }) => String(key));
}

function effectiveFrom(text: string | null, timeZone: string): InstantMs | null {
  return text !== null && isLocalDate(text) ? startOfLocalDayMs(timeZone, text) : parseInstant(text);
}
