import type { YAMLMap } from 'yaml';
import { isLocalDate } from '#libs/calendar';
import { parseInstant, type InstantMs } from '#libs/kernel';
import type { Period } from '../../due/due-rule.js';
import { dayOfDate } from '../../due/local-minute.js';
import { CONDITION, wallTimeMs } from '../../expressions/result-kind.js';
import type { DueSite } from './compile-aim.js';

/** Periods in which a deadline is moved, e.g. peak season; the first that holds counts. */
export function compilePeriods(site: DueSite): Period[] {
  return site.reader.maps(site.node, 'moved').flatMap((node) => compilePeriod(site, node) ?? []);
}

function compilePeriod(site: DueSite, node: YAMLMap): Period | null {
  const { reader, zone } = site;
  const [from, until] = [reader.text(node, 'from') ?? '', reader.text(node, 'until') ?? ''];
  const fromMs = isLocalDate(from) ? zone.startOfDayMs(dayOfDate(from)) : parseInstant(from);
  const throughMs = isLocalDate(until) ? zone.endOfDayMs(dayOfDate(until)) : before(parseInstant(until));
  const move = compileMove(site, node);
  const when = reader.expression(node, 'when', CONDITION);
  if (fromMs === null || throughMs === null || move === null) return null;
  if (throughMs < fromMs) {
    const message = `the period ends (${until}) before it begins (${from})`;
    reader.source.report('GUARANTEE_TERMS_CONFLICT', message, 'Exchange the two.', reader.offsetOf(node, 'until'));
  }
  const name = reader.text(node, 'name');
  return { words: name ?? `the period from ${from} to ${until}`, fromMs, throughMs, when, move };
}

/** A period that ends at an instant ends before it; one that ends on a date has the whole day. */
const before = (atMs: InstantMs | null): InstantMs | null => (atMs === null ? null : atMs - 1);

function compileMove({ reader, zone, clock, calendar }: DueSite, node: YAMLMap): Period['move'] | null {
  const addMs = reader.durationMs(node, 'add');
  const to = reader.text(node, 'to');
  if ((addMs === null) === (to === null)) {
    const advice = 'Write add: PT90M, or to: endOfDay, to: close or to: "18:00".';
    reader.source.report(
      'GUARANTEE_TERMS_CONFLICT',
      'a period needs exactly one of add, to',
      advice,
      reader.offsetOf(node),
    );
    return null;
  }
  if (addMs !== null) return (atMs) => clock.add(atMs, addMs, []);
  if (to === 'endOfDay') return (atMs) => zone.endOfDayMs(zone.localDayOf(atMs));
  if (to === 'close' && calendar !== null) {
    return (atMs) => {
      const day = calendar.addOpenDays(zone.localDayOf(atMs), 0);
      return day === null ? null : calendar.closeOfMs(day);
    };
  }
  const wallMs = wallTimeMs(to);
  if (wallMs !== null) return (atMs) => zone.instantOf(zone.localDayOf(atMs), wallMs);
  const advice =
    to === 'close'
      ? 'Name the calendar whose hours count, e.g. calendar: office-hours.'
      : 'Write endOfDay, close or "18:00".';
  reader.source.report('GUARANTEE_WRONG_VALUE', `to cannot be \`${to}\` here`, advice, reader.offsetOf(node, 'to'));
  return null;
}
