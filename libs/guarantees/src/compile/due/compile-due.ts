import type { YAMLMap } from 'yaml';
import { ELAPSED, workingClock } from '../../due/clock.js';
import { businessDaysOf, WEEKDAYS } from '../../due/business-days.js';
import type { DueRule } from '../../due/due-rule.js';
import { dueOfRules } from '../../due/due-of-rules.js';
import type { Due, JudgedTo } from '../../guarantee.js';
import { CONDITION } from '../../expressions/result-kind.js';
import { latenessBy } from '../../due/lateness.js';
import type { TermsReader } from '../terms-reader.js';
import { compileAt, compileBy, compileNone, compileWithin, type Aiming, type DueSite } from './compile-aim.js';
import { compilePeriods } from './compile-periods.js';

const KINDS = ['at', 'within', 'by', 'none'] as const;
const BELONGS_TO: Readonly<Record<string, readonly string[]>> = { from: ['within', 'by'], calendar: ['within', 'by'] };

/** The deadline of a checked `due:`, one mapping or a list of alternatives; null when problems were reported. */
export function compileDue(reader: TermsReader, root: YAMLMap, guaranteeZone: string, version: number): Due | null {
  const only = reader.map(root, 'due');
  const alternatives = only === null ? reader.maps(root, 'due') : [only];
  if (only === null) checkAlternatives(reader, root, alternatives);
  else if (only.has('when')) {
    const advice = 'Write it as a list of alternatives, the last without `when`; `covers` says which openings count.';
    reader.source.report(
      'GUARANTEE_MISSING_DEFAULT',
      'due has a condition, but nothing for the rest',
      advice,
      reader.offsetOf(only, 'when'),
    );
  }
  const compiled = alternatives.map((node) => compileRule(reader, root, node, guaranteeZone, version));
  const [first, ...rest] = compiled.filter((rule) => rule !== null);
  return first === undefined || rest.length + 1 < alternatives.length
    ? null
    : dueOfRules([first, ...rest], reader.tables);
}

/** The first that holds counts: one without a condition ends the list, and nothing can come after it. */
function checkAlternatives(reader: TermsReader, root: YAMLMap, alternatives: readonly YAMLMap[]): void {
  const open = alternatives.findIndex((node) => !node.has('when') || node.get('when') === true);
  const beyond = alternatives[open + 1];
  if (open === -1) {
    const advice = 'End the list with an alternative without `when`; `{ none: true }` promises nothing.';
    reader.source.report(
      'GUARANTEE_MISSING_DEFAULT',
      'due has no alternative for the rest',
      advice,
      reader.offsetOf(root, 'due'),
    );
  } else if (beyond !== undefined) {
    const line = reader.place(alternatives[open] as YAMLMap).line;
    const message = `this alternative is never reached: the one on line ${line} holds always`;
    const advice = 'Put the one without a condition last.';
    reader.source.report('GUARANTEE_UNREACHABLE', message, advice, reader.offsetOf(beyond));
  }
  const seen = new Set<string>();
  for (const node of alternatives) {
    const condition = String(node.get('when') ?? '').replace(/\s+/g, ' ');
    if (condition !== '' && seen.has(condition)) {
      const message = 'this alternative is never reached: another before it has the same condition';
      reader.source.report('GUARANTEE_UNREACHABLE', message, 'Take one of the two out.', reader.offsetOf(node, 'when'));
    }
    seen.add(condition);
  }
}

function compileRule(
  reader: TermsReader,
  root: YAMLMap,
  node: YAMLMap,
  guaranteeZone: string,
  version: number,
): DueRule | null {
  const given = KINDS.filter((kind) => node.has(kind));
  const [kind, second] = given;
  if (kind === undefined || second !== undefined) {
    const message = `due needs exactly one of at, within, by; ${given.length === 0 ? 'none is there' : `${given.join(' and ')} are there`}`;
    const advice =
      'Write due: { at: event.data.promisedAt }, due: { within: PT3M } or due: { by: { endOf: event.data.promisedDate } }.';
    reader.source.report('GUARANTEE_DUE_AMBIGUOUS', message, advice, reader.offsetOf(node, second));
    return null;
  }
  for (const [field, kinds] of Object.entries(BELONGS_TO))
    if (field !== 'calendar' || !countsBusinessDays(reader, root, node)) refuseStray(reader, node, field, kind, kinds);
  const byCalendar = kind === 'by' ? (reader.map(node, 'by') as YAMLMap) : node;
  const named = reader.text(byCalendar, 'calendar') ?? reader.text(node, 'calendar');
  const calendar =
    named === null ? null : reader.calendar(byCalendar.has('calendar') ? byCalendar : node, 'calendar', named);
  const zone = reader.zone(reader.text(node, 'zone') ?? calendar?.zone.name ?? guaranteeZone);
  const days = calendar === null ? WEEKDAYS : businessDaysOf(calendar);
  const place = reader.place(node, kind);
  const clock = kind === 'within' && calendar !== null ? workingClock(calendar) : ELAPSED;
  const site: DueSite = { reader, node, zone, calendar, clock, days };
  const aiming: Aiming | null =
    kind === 'at'
      ? compileAt(site)
      : kind === 'within'
        ? compileWithin(site)
        : kind === 'by'
          ? compileBy(site)
          : compileNone;
  const when = reader.expression(node, 'when', CONDITION);
  const lateness = compileLateness(site);
  const periods = compilePeriods(site);
  if (aiming === null || (named !== null && calendar === null)) return null;
  return {
    kind: kind === 'none' ? 'at' : kind,
    place,
    ruleText: `${reader.source.fileOf(place)} v${version}, line ${place.line}`,
    when,
    zone,
    calendar,
    clock,
    days,
    lateness,
    periods,
    ...aiming,
  };
}

/** An instant has no use for a calendar, unless its lateness or its pauses are counted in business days. */
function countsBusinessDays(reader: TermsReader, root: YAMLMap, due: YAMLMap): boolean {
  const evidence = reader.map(root, 'evidence');
  const pauses = evidence === null ? [] : reader.maps(evidence, 'paused');
  return (
    reader.text(due, 'judgedTo') === 'business-day' ||
    pauses.some((pause) => reader.text(pause, 'effect') === 'business-day')
  );
}

function compileLateness({ reader, node, zone, days }: DueSite) {
  const judgedTo = (reader.text(node, 'judgedTo') as JudgedTo | null) ?? 'millisecond';
  const late = reader.map(node, 'late');
  if (late === null) return latenessBy(judgedTo, 0, zone, days);
  const over = reader.durationMs(late, 'over');
  const atLeast = reader.durationMs(late, 'atLeast');
  if ((over === null) === (atLeast === null)) {
    const message = 'late needs exactly one of over, atLeast';
    const advice = 'Write late: { over: PT5M } (5 min is in time) or late: { atLeast: PT60S } (60 s is late).';
    reader.source.report('GUARANTEE_TERMS_CONFLICT', message, advice, reader.offsetOf(late));
  } else if (atLeast === 0) {
    const advice = 'Leave `late` out: everything after due is late.';
    reader.source.report(
      'GUARANTEE_TERMS_CONFLICT',
      'late: a lateness of zero is in time',
      advice,
      reader.offsetOf(late),
    );
  }
  return latenessBy(judgedTo, over ?? (atLeast ?? 1) - 1, zone, days);
}

function refuseStray(
  reader: TermsReader,
  due: YAMLMap,
  field: string,
  kind: string,
  partners: readonly string[],
): void {
  if (!due.has(field) || partners.includes(kind)) return;
  const message = `due.${field} says nothing here: it belongs to ${partners.map((name) => `\`${name}\``).join(' and ')}`;
  reader.source.report('GUARANTEE_FIELD_OUT_OF_PLACE', message, `Take \`${field}\` out.`, reader.offsetOf(due, field));
}
