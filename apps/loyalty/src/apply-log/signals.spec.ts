import { daysFromMs } from '#libs/loyalty-model';
import { eventsOfDocument } from '../customer-document/model-events.js';
import {
  DAY_MS,
  lineEvent,
  promiseEvent,
  SAMPLE_SIGNALS,
  settlementEvent,
  signalEvent,
  START_MS,
} from './events-for-tests.js';
import { feed, type Event } from './feed-for-tests.js';

const DUE = START_MS + DAY_MS;
const ALLOWED = DUE + DAY_MS / 4;
const opened = promiseEvent({ kind: 'opened', decidedAtMs: START_MS });
const breached = promiseEvent({
  kind: 'breached',
  sequence: 2,
  state: 'breached',
  verdict: 'breached',
  decidedAtMs: ALLOWED,
});
const refund = lineEvent({ type: 'refund.requested', decidedAtMs: ALLOWED });
const apology = lineEvent({
  type: 'apology.requested',
  lineId: 'l2',
  decidedAtMs: ALLOWED,
  body: 'Sorry.',
  explanation: ['strike'],
});
const later = (days: number): Event => signalEvent('customer.contacted', DUE + days * DAY_MS);

/** What the model is told, without times. */
function told(...events: Event[]): { type: string }[] {
  const { document } = feed(events);
  return eventsOfDocument(document, SAMPLE_SIGNALS.settings)
    .filter(({ at }) => at <= daysFromMs(document.asOfMs))
    .map(({ at: _at, ...event }) => event);
}
const typesOf = (...events: Event[]): string[] => told(...events).map(({ type }) => type);
const recoveries = (...events: Event[]): object[] => told(...events).filter(({ type }) => type === 'recovery.done');

describe('what promises and compensations tell the model', () => {
  it('a broken promise that nobody made good in three days: a second disappointment, from the hour on', () => {
    const justBefore = signalEvent('customer.contacted', DUE + 3 * DAY_MS - 1);
    const at = signalEvent('customer.contacted', DUE + 3 * DAY_MS);
    expect(typesOf(opened, breached, justBefore)).not.toContain('recovery.missed');
    expect(typesOf(opened, breached, at)).toContain('recovery.missed');
    expect(typesOf(opened, breached, refund, at)).not.toContain('recovery.missed');
    const byHand = signalEvent('customer.recovered', ALLOWED, { promise: opened.data.promiseId, apology: 'personal' });
    expect(typesOf(opened, breached, byHand, at)).not.toContain('recovery.missed');
  });

  it('a refund that failed was none; one that was paid was; one paid late was late money', () => {
    const paid = (result: string, days: number) => settlementEvent(result, ALLOWED + days * DAY_MS);
    expect(recoveries(opened, breached, refund, paid('failed', 1))).toEqual([]);
    expect(typesOf(opened, breached, refund, paid('failed', 1), later(4))).toContain('recovery.missed');
    expect(recoveries(opened, breached, refund, paid('settled', 7))).toEqual([
      expect.not.objectContaining({ immediate: false }),
    ]);
    expect(recoveries(opened, breached, refund, paid('settled', 8))).toEqual([
      expect.objectContaining({ compensation: 2_000, immediate: false }),
    ]);
    expect(
      recoveries(
        opened,
        breached,
        refund,
        settlementEvent('settled', ALLOWED, 'l1', 2),
        settlementEvent('reversed', ALLOWED, 'l1', 3),
      ),
    ).toEqual([]);
  });

  it('an explained apology; a call once it was made, as a personal one and a contact', () => {
    expect(recoveries(opened, breached, apology)).toEqual([
      expect.objectContaining({ apology: 'auto', explanation: true }),
    ]);
    const callback = lineEvent({ type: 'callback.requested', lineId: 'l7', decidedAtMs: ALLOWED });
    expect(recoveries(opened, breached, callback)).toEqual([]);
    const called = [opened, breached, callback, settlementEvent('settled', ALLOWED + 1, 'l7')];
    expect(recoveries(...called)).toEqual([expect.objectContaining({ apology: 'personal' })]);
    expect(typesOf(...called)).toContain('contact.made');
  });

  it('a gift: a kindness, and a goodwill not in kind', () => {
    const gift = lineEvent({ type: 'gift.requested', lineId: 'l8', decidedAtMs: ALLOWED, item: 'tea' });
    expect(told(opened, breached, gift)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'gesture.made', kind: 'gift' }),
        expect.objectContaining({ type: 'recovery.done', match: false }),
      ]),
    );
  });

  it('a re-promise: a warning with its new date, measured by the date told first', () => {
    const moved = promiseEvent({
      kind: 'rescheduled',
      sequence: 2,
      dueAtMs: DUE + DAY_MS,
      decidedAtMs: DUE - DAY_MS / 2,
    });
    const kept = (afterNewDue: number) =>
      promiseEvent({
        kind: 'kept',
        sequence: 3,
        state: 'kept',
        verdict: 'kept',
        dueAtMs: DUE + DAY_MS,
        completedAtMs: DUE + DAY_MS + afterNewDue,
        decidedAtMs: DUE + 2 * DAY_MS,
      });
    expect(told(opened, moved, kept(0))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'delay.notified', newEta: daysFromMs(DUE + DAY_MS) }),
        expect.objectContaining({ type: 'promise.settled', dueAt: daysFromMs(DUE) }),
      ]),
    );
    const [warned, silent] = [feed([opened, moved, kept(0)]), feed([opened, kept(0), later(2)])];
    expect(warned.view.score).toBeLessThan(58.8); // a day later than promised first, though warned
    expect(silent.view.components.trust).toBe(1);
    expect(feed([kept(0), moved, opened]).document).toEqual(warned.document);
  });

  it('a notice: a warning up to the due, not from it on (then it is the correction of an apology)', () => {
    const notice = (atMs: number) => lineEvent({ type: 'notice.requested', decidedAtMs: atMs });
    const warned = expect.objectContaining({ type: 'delay.notified' });
    expect(told(opened, notice(DUE - 1), breached)).toContainEqual(warned);
    expect(told(opened, notice(DUE), breached)).not.toContainEqual(warned);
  });

  it('whatever kinds and fields it does not know, by the verdict they carry', () => {
    const strange = { ...breached, type: 'makegood.promise.pondered', data: { ...breached.data, moon: 'full' } };
    expect(feed([opened, strange as never]).view.score).toBe(feed([opened, breached]).view.score);
  });
});

describe('signals', () => {
  const purchase = signalEvent('customer.purchased', START_MS, {
    order: 'o1',
    amount: { amountMinor: 4_000, currency: 'EUR' },
  });

  it('move the score, and say by how much and why', () => {
    const nps = signalEvent('customer.feedback', START_MS + DAY_MS, { kind: 'nps', value: 10 });
    const { told: events } = feed([purchase, nps]);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'makegood.loyalty.score-changed',
        data: expect.objectContaining({ cause: { eventId: nps.id, type: 'customer.feedback' } }),
      }),
      expect.objectContaining({ type: 'makegood.loyalty.gesture-suggested' }),
    ]);
    expect(events[0]?.data.parts?.[0]).toMatchObject({ part: 'voice' });
  });

  it('count once, whoever repeats them, and by their highest revision', () => {
    const bad = signalEvent('customer.feedback', START_MS, { kind: 'csat', value: 1 }, 's1');
    const corrected = { ...bad, revision: 2, data: { ...bad.data, value: 5 } };
    const once = feed([corrected]).document;
    expect(feed([bad, corrected, bad, corrected]).document).toEqual(once);
    expect(feed([corrected, bad]).document).toEqual(once);
  });

  it('that come late correct what was said', () => {
    const bad = signalEvent('customer.feedback', START_MS, { kind: 'csat', value: 1 });
    const good = signalEvent('customer.feedback', START_MS + 10 * DAY_MS, { kind: 'csat', value: 5 });
    const { told: events } = feed([good, bad]);
    const [first, second] = events.filter(({ type }) => type.endsWith('score-changed'));
    expect(second?.data).toMatchObject({ corrects: first?.id, previous: first?.data.score });
    expect(first?.data).not.toHaveProperty('corrects');
  });

  it('a refunded order leaves nothing of it but the day the customer was first seen', () => {
    const refunded = signalEvent('customer.refunded', START_MS + DAY_MS, { order: 'o1' });
    const { view } = feed([purchase, refunded]);
    expect(view.components.behaviourParts.repeat).toBe(0);
    expect(view.evidence).toBe(0);
  });
});
