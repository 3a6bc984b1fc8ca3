import {
  choice,
  duration,
  durationOrExpression,
  expression,
  flag,
  list,
  record,
  text,
  type SchemaNode,
} from './node.js';
import { zone } from './terms.js';

/** A date (its whole day) or an instant. */
const boundary = (description: string): SchemaNode => ({
  ...text(`${description}: a local date or an instant`, 40),
  examples: ['2026-12-18'],
  'x-kind': 'date',
});

const calendar: SchemaNode = {
  ...text('Name of a calendar of the set', 63),
  examples: ['office-hours'],
  'x-kind': 'name',
};

const timeOfDay = (description: string): SchemaNode =>
  expression(`${description}: "12:00", endOfDay, close, or a text that the event carries`, '"12:00"', 'close');

const by = record('Civil time: exactly one of endOf, date, days, weeks, months, years, businessDays', {
  endOf: expression('A local date: due is the end of that day', 'event.data.promisedDate'),
  date: expression('A local date: due is `time` of that day', 'event.data.promisedDate'),
  time: timeOfDay('The time on that date; without it its end'),
  days: expression('So many calendar days on', '3'),
  weeks: expression('So many weeks on', '2'),
  months: expression('So many months on, at most to the last day of the month', '1'),
  years: expression('So many years on', '1'),
  businessDays: expression('So many business days on: open days of the calendar, else Monday to Friday', '2'),
  at: timeOfDay('The time of the day counted to; without it the same wall time'),
  calendar,
});

const late: SchemaNode = {
  ...record('From when on it is late; without it after due', {
    over: duration('More than this is late', 'PT5M'),
    atLeast: duration('This much is late', 'PT60S'),
  }),
  examples: ['{ over: PT5M }'],
};

const period = record(
  'A period in which the deadline is moved',
  {
    name: text('What it is called, e.g. peak season'),
    from: boundary('The first day of due, or instant'),
    until: boundary('The last day of due, or the instant before which the period ends'),
    when: expression('Only for openings for which this holds', 'event.data.service == "next_day_air"'),
    add: duration('So much later', 'PT90M'),
    to: text('endOfDay, close or a time such as "18:00"', 20),
  },
  ['from', 'until'],
);

const rule = record('The deadline, inclusive to the millisecond: exactly one of at, within, by', {
  when: expression('In a list of alternatives: only for openings for which this holds', 'event.data.plan == "gold"'),
  at: expression('An instant that the event carries; a date means its end', 'event.data.promisedAt'),
  within: durationOrExpression('So much time from the opening, or from `from`', 'PT3M', 'event.data.limit'),
  from: expression('The instant from which the time runs', 'event.data.startedAt'),
  calendar: { ...calendar, description: 'Only open time of this calendar counts' },
  by,
  none: flag('Nothing is promised'),
  zone: { ...zone, description: 'The zone of civil time; that of the calendar, or of the guarantee, if not given' },
  moved: list('Periods in which the deadline is moved; the first that holds', period, 1, 50),
  late,
  judgedTo: choice(
    'Lateness in whole units, begun ones not counted',
    ['millisecond', 'second', 'minute', 'day', 'business-day'],
    'millisecond',
  ),
});

export const due: SchemaNode = {
  description: 'The deadline, or a list of alternatives of which the first that holds counts, the last without `when`',
  examples: ['{ within: PT3M }'],
  anyOf: [rule, list('Alternatives', rule, 1, 50)],
};
