import { isLocalDate, knownTimeZones } from '#libs/calendar';
import { nearestName, parseDurationMs, parseInstant, POINTS_CURRENCY } from '#libs/kernel';
import { DURATION_MAX_MS } from '../expressions/result-kind.js';
import type { SchemaNode } from './schema/node.js';
import type { SourceFile } from './source-file.js';

const DURATION_ADVICE =
  'Write an ISO 8601 duration of weeks, days, hours, minutes and seconds, e.g. PT3M, PT6H or P14D.';

/** Durations, zones, currencies, dates, names and event types: reports what cannot be read as what it is. */
export function checkText(source: SourceFile, value: string, schema: SchemaNode, name: string, at: number): void {
  const report = (code: string, message: string, advice: string): void => source.report(code, message, advice, at);
  switch (schema['x-kind']) {
    case 'duration': {
      const durationMs = parseDurationMs(value);
      if (durationMs === null)
        report('GUARANTEE_BAD_DURATION', `${name}: \`${value}\` is no duration`, durationAdvice(value));
      else if (durationMs > DURATION_MAX_MS)
        report('GUARANTEE_BAD_DURATION', `${name}: ${value} is beyond ten years`, DURATION_ADVICE);
      return;
    }
    case 'zone':
      if (!source.knowsZone(value))
        report('GUARANTEE_UNKNOWN_ZONE', `${name}: there is no time zone \`${value}\``, zoneAdvice(value));
      return;
    case 'currency':
      if (value === POINTS_CURRENCY || !Intl.supportedValuesOf('currency').includes(value)) {
        report('GUARANTEE_UNKNOWN_CURRENCY', `${name}: \`${value}\` is no currency of ISO 4217`, currencyAdvice(value));
      }
      return;
    case 'date':
      if (!isLocalDate(value) && parseInstant(value) === null) {
        const advice =
          'Write a date such as 2026-01-01 (in the guarantee’s zone) or an instant such as 2026-01-01T00:00:00Z.';
        report('GUARANTEE_BAD_DATE', `${name}: \`${value}\` is neither a date nor an instant`, advice);
      }
      return;
    case 'name':
      if (!/^[a-z][a-z0-9-]*$/.test(value)) {
        report(
          'GUARANTEE_BAD_NAME',
          `${name} cannot be \`${value}\``,
          'Small letters, digits and hyphens, a letter first.',
        );
      }
      return;
    case 'event-type':
      if (!new RegExp(schema.pattern ?? '').test(value)) {
        report(
          'GUARANTEE_BAD_NAME',
          `${name}: \`${value}\` is no event type`,
          'Write it as the events have it, e.g. shop.order.placed.',
        );
      }
      return;
    default:
  }
}

function durationAdvice(value: string): string {
  if (/^P.*\d[YM](?!.*T.*\d[M])/.test(value) && !value.includes('T')) {
    return 'Years and months have no fixed length: write days, e.g. P365D or P30D.';
  }
  const clock = /^(\d+) ?(h|m|s)/.exec(value);
  if (clock) return `Did you mean \`PT${clock[1]}${clock[2]?.toUpperCase()}\`? ${DURATION_ADVICE}`;
  const minutes = /^P(\d+)([HMS].*)$/.exec(value);
  return minutes ? `Did you mean \`PT${minutes[1]}${minutes[2]}\`? ${DURATION_ADVICE}` : DURATION_ADVICE;
}

function zoneAdvice(value: string): string {
  const spaced = value.replace(/ /g, '_');
  const nearest = nearestName(spaced, knownTimeZones());
  return `${nearest === null ? '' : `Did you mean \`${nearest}\`? `}Zones are those of the tz database, e.g. Europe/Berlin.`;
}

function currencyAdvice(value: string): string {
  if (value === POINTS_CURRENCY) return 'XPT counts points; a guarantee has a currency of money, e.g. EUR.';
  const upper = value.toUpperCase();
  const known = Intl.supportedValuesOf('currency').includes(upper);
  return `${known ? `Did you mean \`${upper}\`? ` : ''}Write three capitals, e.g. EUR, BRL, JPY.`;
}
