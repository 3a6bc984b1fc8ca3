import { createHash } from 'node:crypto';
import type { YAMLMap } from 'yaml';
import type { PromiseType } from '#libs/contracts';
import { isLocalDate, type WorkingCalendar } from '#libs/calendar';
import { parseInstant } from '#libs/kernel';
import { dayOfDate } from '../due/local-minute.js';
import type { EvidenceTerms, ExcuseTerm, Guarantee, Opens, Warning } from '../guarantee.js';
import type { Rounding } from '../expressions/amount.js';
import { verdictScope } from '../expressions/scopes.js';
import { compileEvidence } from './compile-evidence.js';
import { compileExcuses } from './compile-excuses.js';
import { compileHolding } from './compile-holding.js';
import { compileOpens } from './compile-opens.js';
import { compileRemedies } from './compile-remedies.js';
import { compileRates, compileRemedyTerms } from './compile-remedy-terms.js';
import { VerdictReader } from './compile-verdict-expression.js';
import { checkDisruptionNotices, compileBands, compileWarnings } from './compile-warnings.js';
import { compileDue } from './due/compile-due.js';
import type { SourceFile } from './source-file.js';
import { TermsReader } from './terms-reader.js';
import type { SetTerms } from './set/set-terms.js';

export interface CompiledGuarantee {
  readonly guarantee: Guarantee;
  readonly zonesUsed: readonly string[];
}

/**
 * Compiles the terms of a checked file; null when problems were reported into the source.
 * @param parents hashes of the guarantees that it extends, nearest first
 */
export function compileGuarantee(
  source: SourceFile,
  root: YAMLMap,
  set: SetTerms,
  parents: readonly string[],
): CompiledGuarantee | null {
  const currency = String(root.get('currency'));
  const timeZone = String(root.get('timeZone'));
  const version = Number(root.get('version'));
  const rounding = (root.get('rounding') as Rounding | undefined) ?? 'half-up';
  const reader = new TermsReader(source, currency, set);
  const opens = compileOpens(reader, root, rounding);
  const due = compileDue(reader, root, timeZone, version);
  const evidence = compileEvidence(reader, root);
  const excuses = compileExcuses(reader, root);
  const warnings = compileWarnings(reader, root);
  const bands = compileBands(reader, root);
  const learned = evidence.learned.flatMap((each) => Object.keys(each.facts));
  const facts = new Set([...namesOf(reader, root, 'facts'), ...learned]);
  const bases = namesOf(reader, root, 'base');
  const rates = compileRates(reader, root, currency);
  const named = reader.text(root, 'calendar');
  const own = named === null ? null : reader.calendar(root, 'calendar', named);
  let weekdays: WorkingCalendar | null = null;
  const calendar = (): WorkingCalendar => own ?? due?.calendar ?? (weekdays ??= set.weekdays(timeZone));
  const scope = verdictScope(currency, bases, [...facts], { rates, calendar });
  const verdictReader = new VerdictReader(reader, scope);
  const remedies = compileRemedies(verdictReader, root, { rates: Object.keys(rates), bases });
  const remedyTerms = compileRemedyTerms(verdictReader, root, { rounding, currency, rates, calendar });
  const holding = compileHolding(reader, root, scope, currency);
  checkDisruptionNotices(reader, root, warnings, remedies);
  if (source.problems.length > 0 || due === null) return null;
  const hash = hashOf(source.ownText);
  const name = String(root.get('name'));
  const effectiveFromMs = effectiveFrom(reader, root, timeZone);
  reader.zone(timeZone);
  const guarantee: Guarantee = {
    name,
    version,
    title: String(root.get('title')),
    file: source.file,
    hash,
    promiseType: root.get('promiseType') as PromiseType,
    currency,
    timeZone,
    source: reader.text(root, 'source'),
    mode: (reader.text(root, 'mode') as Guarantee['mode'] | null) ?? 'live',
    announce: (reader.text(root, 'announce') as Guarantee['announce'] | null) ?? 'all',
    effectiveFromMs,
    // Every promise's document carries it: half a hash tells the builds of one version apart as well.
    build: hashOf(JSON.stringify([hash, parents, reader.used()])).slice(0, 16),
    family: { name, choose: 'all', rank: 0 },
    openWithinMs: reader.durationMs(root, 'openWithin'),
    opens,
    due,
    evidence,
    excuses,
    warnings,
    bands,
    remedies,
    remedyTerms,
    holding,
    factTypes: factTypesOf(opens, evidence, excuses, warnings),
  };
  return { guarantee, zonesUsed: reader.zonesUsed() };
}

/** Every event type that the guarantee names anywhere. */
function factTypesOf(
  opens: Opens,
  evidence: EvidenceTerms,
  excuses: readonly ExcuseTerm[],
  warnings: readonly Warning[],
): ReadonlySet<string> {
  const { kept, failed, cancelled, rescheduled, paused, revoked, owned, learned } = evidence;
  const patterns = [
    opens,
    ...kept,
    ...failed,
    ...cancelled,
    ...rescheduled,
    ...paused,
    ...revoked,
    ...owned,
    ...learned,
  ];
  const endings = paused.flatMap(({ until }) => until);
  const excusing = excuses.flatMap(({ pattern }) => pattern ?? []);
  const warning = warnings.flatMap(({ point }) => ('on' in point ? point : []));
  return new Set([...patterns, ...endings, ...excusing, ...warning].map(({ on }) => on));
}

/** Names of the author's own, also of entries whose expression is wrong: the mistake is told once. */
function namesOf(reader: TermsReader, root: YAMLMap, field: string): string[] {
  const opens = reader.map(root, 'opens') as YAMLMap;
  return (reader.map(opens, field)?.items ?? []).map(({ key }) => String(key));
}

function effectiveFrom(reader: TermsReader, root: YAMLMap, timeZone: string): number | null {
  const text = reader.text(root, 'effectiveFrom');
  return isLocalDate(text) ? reader.zone(timeZone).startOfDayMs(dayOfDate(text)) : parseInstant(text);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
