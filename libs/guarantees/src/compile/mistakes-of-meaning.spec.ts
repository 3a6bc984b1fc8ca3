import { expectProblem } from './spoiled-terms.js';

const DUE = 'due: { by: { endOf: event.data.promisedDate } }';
const KEPT = '  kept: [{ on: shop.order.delivered, when: event.data.author != "bot" }]';
const OPENS_ON = '  on: shop.order.placed';
const END = '  - { id: sorry, kind: apology, template: delivery-late }';

/** What each field says may be right, and together they are not. */
describe('mistakes of meaning: the deadline', () => {
  it.each([
    [DUE, 'due: [{ when: event.data.a, within: PT1H }]', 'GUARANTEE_MISSING_DEFAULT', '16:1', 'due has no alternative for the rest', 'End the list with an alternative without `when`; `{ none: true }` promises nothing.'],
    [DUE, 'due: { when: event.data.a, within: PT1H }', 'GUARANTEE_MISSING_DEFAULT', '16:8', 'due has a condition, but nothing for the rest', 'Write it as a list of alternatives, the last without `when`; `covers` says which openings count.'],
    [DUE, 'due: [{ within: PT1H }, { when: event.data.a, within: PT2H }]', 'GUARANTEE_UNREACHABLE', '16:27', 'this alternative is never reached: the one on line 16 holds always', 'Put the one without a condition last.'],
    [DUE, 'due: [{ when: event.data.a, within: PT1H }, { when: event.data.a, within: PT2H }, { within: PT3H }]', 'GUARANTEE_UNREACHABLE', '16:47', 'this alternative is never reached: another before it has the same condition', 'Take one of the two out.'],
    [DUE, 'due: { at: event.time - duration("1h") }', 'GUARANTEE_DUE_BEFORE_OPENING', '16:8', 'at: `event.time - duration("1h")` lies before the opening', 'Due lies at the opening or after it: write + for -.'],
    [DUE, 'due: { within: duration("-1h") }', 'GUARANTEE_DUE_BEFORE_OPENING', '16:8', 'within: `duration("-1h")` lies before the opening', 'Due lies at the opening or after it: write + for -.'],
    [DUE, 'due: { within: PT8H, calendar: office-hours }', 'GUARANTEE_UNKNOWN_CALENDAR', '16:22', 'calendar: there is no calendar `office-hours` in the set', 'Put calendars/office-hours.yaml into the set.'],
    [DUE, 'due: { by: { businessDays: 2, at: close } }', 'GUARANTEE_UNKNOWN_CALENDAR', '16:31', 'at: close needs a calendar', 'Name the calendar whose hours count, e.g. calendar: office-hours.'],
    [DUE, 'due: { by: { days: 2, months: 1 } }', 'GUARANTEE_DUE_AMBIGUOUS', '16:23', 'by needs exactly one of endOf, date, days, weeks, months, years, businessDays; days and months are there', 'Write by: { endOf: event.data.promisedDate } or by: { businessDays: 2, at: close }.'],
    [DUE, 'due: { within: 3h }', 'GUARANTEE_BAD_DURATION', '16:16', 'within: `3h` is no duration', 'Did you mean `PT3H`? Write an ISO 8601 duration of weeks, days, hours, minutes and seconds, e.g. PT3M, PT6H or P14D.'],
    [DUE, 'due:\n  within: table("transit", event.data.to)', 'GUARANTEE_UNKNOWN_TABLE', '17:17', 'within: there is no table `transit`', 'Put tables/transit.csv beside the guarantees.'],
    [DUE, 'due: { within: PT1H, late: { over: PT1M, atLeast: PT2M } }', 'GUARANTEE_TERMS_CONFLICT', '16:30', 'late needs exactly one of over, atLeast', 'Write late: { over: PT5M } (5 min is in time) or late: { atLeast: PT60S } (60 s is late).'],
    [DUE, 'due: { within: PT1H, judgedTo: hour }', 'GUARANTEE_WRONG_VALUE', '16:32', 'judgedTo cannot be `hour`', 'Known: millisecond, second, minute, day, business-day.'],
    [DUE, 'due: { at: event.data.t, moved: [{ from: 2017-12-24, until: 2017-12-18, add: PT1H }] }', 'GUARANTEE_TERMS_CONFLICT', '16:54', 'the period ends (2017-12-18) before it begins (2017-12-24)', 'Exchange the two.'],
    [DUE, 'due: { at: event.data.t, moved: [{ from: 2017-12-18, until: 2017-12-24 }] }', 'GUARANTEE_TERMS_CONFLICT', '16:36', 'a period needs exactly one of add, to', 'Write add: PT90M, or to: endOfDay, to: close or to: "18:00".'],
    [DUE, 'due: { at: event.data.t, moved: [{ from: 2017-12-18, until: 2017-12-24, to: noon }] }', 'GUARANTEE_WRONG_VALUE', '16:73', 'to cannot be `noon` here', 'Write endOfDay, close or "18:00".'],
  ])('%j → %j: %s at %s', expectProblem); // prettier-ignore
});

describe('mistakes of meaning: evidence, excuses, warnings', () => {
  it.each([
    [OPENS_ON, '  on: shop.order.placed\n  debounce: PT2M', 'GUARANTEE_TERMS_CONFLICT', '12:3', 'debounce says nothing here: no reopening begins anything', 'Add `onReopen: continue` or `onReopen: new-cycle`, or take `debounce` out.'],
    [OPENS_ON, '  on: shop.order.placed\n  onReopen: ignore\n  cycle: event.id', 'GUARANTEE_TERMS_CONFLICT', '12:3', 'onReopen and cycle both say what a further opening does', 'Take one of the two out: with `cycle` each opening of another key is a promise of its own.'],
    [OPENS_ON, '  on: shop.order.placed\n  onReopen: continue', 'GUARANTEE_TERMS_CONFLICT', '12:3', 'onReopen: continue goes on with what is left of a clock, but due is no `within`', 'Give `due` a `within`, or begin anew: `onReopen: new-cycle`.'],
    [OPENS_ON, '  on: shop.order.placed\n  count: event.data.n', 'GUARANTEE_MISSING_FIELD', '19:12', 'opens.count needs `piece` in each entry of kept', 'Add it, e.g. `piece: event.data.parcel`.'],
    [KEPT, '  kept: [{ on: shop.order.delivered, piece: event.data.p }]', 'GUARANTEE_FIELD_OUT_OF_PLACE', '18:38', 'piece says nothing here: opens has no `count`', 'Add `count` to opens, e.g. `count: event.data.parcels`, or take `piece` out.'],
    ['  correction: P14D', '  correction: P14D\n  rescheduleAtMost: 2', 'GUARANTEE_FIELD_OUT_OF_PLACE', '21:3', 'rescheduleAtMost says nothing here: evidence has no `rescheduled`', 'Add `rescheduled`, or take `rescheduleAtMost` out.'],
    ['  correction: P14D', '  rescheduled: [{ on: a.b }]', 'GUARANTEE_MISSING_FIELD', '20:19', 'rescheduled needs `to`', 'Add `to:`, e.g. `to: event.data.promisedAt`.'],
    ['  correction: P14D', '  paused: [{ on: a.b, until: 5 }]', 'GUARANTEE_WRONG_TYPE', '20:30', 'until must be text, a mapping (name: value) or a list ([a, b] or lines beginning with -), but the number 5 was found', 'Write e.g. `until: post.item.customs-out`.'],
    ['  correction: P14D', '  failed: [{ on: a.b, when: event.data.eta > dueAt }]', 'GUARANTEE_EXPRESSION_UNKNOWN_NAME', '20:46', 'when: there is no variable `dueAt` here', 'Did you mean `due`? Known: event, subject, customer, due, openedAt, opening.'],
    [END, 'excuses: [{ code: x }]', 'GUARANTEE_MISSING_FIELD', '26:13', 'an excuse needs `on` (the event that excuses) or `disruption: true`', 'Write { code: wrong-address, on: post.item.exception } or { code: force-majeure, disruption: true }.'],
    [END, 'excuses: [{ code: x, on: a.b, disruption: true }]', 'GUARANTEE_TERMS_CONFLICT', '26:31', 'an excuse has either `on` or `disruption: true`', 'Write two entries with the same code.'],
    [END, 'excuses: [{ code: x, disruption: false }]', 'GUARANTEE_WRONG_TYPE', '26:34', 'disruption must be true, but the boolean false was found', 'Write true.'],
    [END, 'warn: [{ at: "175%" }]', 'GUARANTEE_WARN_BEYOND_DUE', '26:10', 'at: 175% of the clock is not before due', 'Warn before due: e.g. at: "75%"; due itself is told as overdue.'],
    [END, 'warn: [{ at: "0%" }]', 'GUARANTEE_WARN_BEYOND_DUE', '26:10', 'at: 0% of the clock is not after the opening', 'Warn after the opening: e.g. at: "75%".'],
    [END, 'warn: [{ at: "soon" }]', 'GUARANTEE_WRONG_VALUE', '26:10', 'at: `soon` is no share of the clock', 'Write e.g. at: "75%".'],
    [END, 'warn: [{ at: "75%", before: PT1H }]', 'GUARANTEE_TERMS_CONFLICT', '26:21', 'a warning needs exactly one of at, before, on, disruption; at and before are there', 'Write { at: "75%" }, { before: PT2H } or { on: post.item.eta, when: event.data.eta > due }.'],
    [END, 'warn: [{ disruption: true }, { disruption: true, tell: customer }]', 'GUARANTEE_DUPLICATE_NAME', '26:32', 'the warning disruption stands on line 26 already', 'Take one of the two out.'],
    [END, 'warn: [{ at: "75%" }, { at: "75%" }]', 'GUARANTEE_DUPLICATE_NAME', '26:25', 'the warning 75% stands on line 26 already', 'Take one of the two out.'],
    [END, 'bands: [P1D, PT1H]', 'GUARANTEE_TERMS_CONFLICT', '26:1', 'bands: step 2 is not later than the one before it, or than due', 'List them in ascending order, e.g. [PT1H, PT24H].'],
    [END, 'bands: { every: PT1M, until: P7D }', 'GUARANTEE_ENTRY_COUNT', '26:1', 'bands has 401 steps, at most 400 are allowed', 'Make the steps longer.'],
  ])('%j → %j: %s at %s', expectProblem); // prettier-ignore

  it('a warning further before due than the whole clock', () => {
    expectProblem(
      `${DUE}\nevidence:`,
      'due: { within: PT3M }\nwarn: [{ before: PT5M }]\nevidence:',
      'GUARANTEE_WARN_BEYOND_DUE',
      '17:10',
      'before: 5 min before due there is no promise yet: due is 3 min from the opening',
      'Warn later, e.g. at: "75%".',
    );
  });
});
