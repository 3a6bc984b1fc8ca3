import { readFileSync } from 'node:fs';
import type { CloudEvent } from '#libs/contracts';
import { FileError } from '#libs/source-maps';
import { loadSignals, modelEventsOf, SignalError, type Signals } from './index.js';
import { DEFAULT_SETTINGS } from './model-settings.js';

const TIME_MS = Date.parse('2026-03-05T12:00:00Z');
const SAMPLES = loadSignals({ file: 'samples/signals.yaml', text: readFileSync('samples/signals.yaml', 'utf8') });

function signals(yaml: string): Signals {
  return loadSignals({ file: 'signals.yaml', text: `apiVersion: makegood/v1\nkind: Signals\n${yaml}` });
}

function told(from: Signals, type: string, data: object) {
  const event = { type, subject: 'S1', data } as CloudEvent;
  const rule = from.rules.get(type);
  return rule ? modelEventsOf(rule, event, 'e1', TIME_MS) : null;
}

/** What is wrong with a file, as `line:column CODE detail advice`. */
function refusal(yaml: string): string[] {
  try {
    signals(yaml);
    return [];
  } catch (error) {
    return (error as FileError).problems.map(
      ({ at, code, detail, advice }) => `${at?.line}:${at?.column} ${code} ${detail} ${advice ?? ''}`,
    );
  }
}

describe('what the shipped signals.yaml tells the model', () => {
  it.each([
    [
      'customer.purchased',
      { order: 'o1', amount: { amountMinor: 1290, currency: 'EUR' }, category: 'food' },
      [{ type: 'purchase.made', orderId: 'o1', amount: 1290, category: 'food' }],
    ],
    ['customer.refunded', { order: 7 }, [{ type: 'purchase.refunded', orderId: '7' }]],
    ['customer.feedback', { kind: 'nps', value: 9 }, [{ type: 'survey.answered', kind: 'nps', value: 9 }]],
    ['customer.complained', { complaint: 'c1' }, [{ type: 'complaint.filed', complaintId: 'c1' }]],
    [
      'customer.complaint-resolved',
      { complaint: 'c1', satisfied: true },
      [{ type: 'complaint.resolved', complaintId: 'c1', satisfied: true }],
    ],
    [
      'customer.contacted',
      { channel: 'phone', personal: true },
      [{ type: 'contact.made', channel: 'phone', personal: true }],
    ],
    ['customer.contacted', {}, [{ type: 'contact.made' }]],
    ['customer.gesture-made', { kind: 'note' }, [{ type: 'gesture.made', kind: 'note' }]],
    ['customer.referred', {}, [{ type: 'referral.made' }]],
    ['customer.referred', { converted: true }, [{ id: 'e1#1', type: 'referral.converted' }]],
    ['customer.enrolled', {}, [{ type: 'tie.changed', kind: 'club', strength: 1 }]],
    ['customer.left', { kind: 'club' }, [{ type: 'tie.changed', kind: 'club', strength: 0 }]],
    ['promotion.claimed', { intensity: 0.2 }, [{ type: 'promo.claimed', intensity: 0.2 }]],
    ['staff.pulse', { value: 0.8 }, [{ type: 'staff.pulse', value: 0.8 }]],
    [
      'customer.warned',
      { promise: 'p1', newEta: '2026-03-06T12:00:00Z' },
      [{ type: 'delay.notified', promiseId: 'p1', newEta: TIME_MS + 86_400_000 }],
    ],
    ['shop.order.placed', { customerId: 'c' }, [{ type: 'purchase.made', orderId: 'S1', amount: 0 }]],
    ['shop.order.cancelled', { customerId: 'c' }, [{ type: 'purchase.refunded', orderId: 'S1' }]],
    [
      'post.item.accepted',
      { product: 'EMS', postage: { amountMinor: 2100, currency: 'CNY' } },
      [{ type: 'purchase.made', amount: 2100, category: 'EMS' }],
    ],
    ['hotel.guest.checked-in', { guestId: 'g' }, [{ type: 'purchase.made', category: 'stay' }]],
  ])('%s %j', (type, data, expected) => {
    expect(told(SAMPLES, type, data)).toEqual(
      expected.map((each) => expect.objectContaining({ id: 'e1', at: TIME_MS, ...each })),
    );
  });

  it('knows customer.updated and customer.merged without an entry', () => {
    expect(SAMPLES.rules.get('customer.merged')).toMatchObject({ customerPath: ['data', 'into'], recipes: [] });
    expect(loadSignals(null).rules.has('customer.updated')).toBe(true);
  });

  it('refuses a signal that lacks what its type needs, in words for its sender', () => {
    const wrong = (type: string, data: object) => () => told(SAMPLES, type, data);
    expect(wrong('customer.purchased', { order: 'o1' })).toThrow(SignalError);
    expect(wrong('customer.purchased', { order: 'o1' })).toThrow(/amount of purchase.made must be a number/);
    expect(wrong('customer.feedback', { kind: 'stars', value: 3 })).toThrow(/one of csat, nps, ces, review/);
    expect(wrong('customer.feedback', { kind: 'nps', value: 'ten' })).toThrow(/value of survey.answered/);
    expect(wrong('customer.warned', { promise: 'p1', newEta: 'soon' })).toThrow(/RFC 3339/);
  });
});

describe('signals.yaml is checked when it is loaded', () => {
  const one = (model: string): string => `signals:\n  a.b:\n    customer: subject\n    model: ${model}\n`;

  it('takes its settings, and the presets where it says nothing', () => {
    const { settings } = signals(
      'model: { tolerances: { delivery: PT12H }, contact: { quietFrom: "22:30", timeZone: Asia/Shanghai } }\nsignals: {}',
    );
    expect(settings).toMatchObject({
      toleranceMs: { ...DEFAULT_SETTINGS.toleranceMs, delivery: 12 * 3_600_000 },
      contact: { quiet: { fromMinute: 22 * 60 + 30, toMinute: 8 * 60 }, timeZone: 'Asia/Shanghai' },
      recoveryWithinMs: 3 * 86_400_000,
      rules: { ruleset: '2026-01' },
    });
  });

  it('lets weights be tuned under another name, if they sum to one', () => {
    const rules = (experience: number): string =>
      `model: { rules: { ruleset: mine, blend: { trustAlone: 0.3, experience: ${experience}, behaviour: 0.2, voice: 0.2, relationship: 0.2 } } }\nsignals: {}`;
    expect(signals(rules(0.4)).settings.rules).toMatchObject({ ruleset: 'mine', blend: { experience: 0.4 } });
    expect(refusal(rules(0.5))[0]).toMatch(/must sum to 1/);
  });

  it.each([
    [
      'an unknown type',
      one('{ type: purchase.mad, orderId: event.subject, amount: 1 }'),
      /^6:20 SIGNALS_FIELD_INVALID/,
    ],
    [
      'an unknown field',
      one('{ type: purchase.refunded, orderID: event.subject }'),
      /^6:48 SIGNALS_UNKNOWN_FIELD purchase.refunded has no field `orderID` Did you mean `orderId`\?/,
    ],
    ['a missing field', one('{ type: purchase.refunded }'), /^6:20 SIGNALS_FIELD_MISSING `orderId`/],
    [
      'an expression that cannot be read',
      one('{ type: purchase.refunded, orderId: "event.data.order ==" }'),
      /^6:\d+ SIGNALS_EXPRESSION/,
    ],
    [
      'a name that is not there',
      one('{ type: purchase.refunded, orderId: data.order }'),
      /SIGNALS_UNKNOWN_NAME there is no name `data`/,
    ],
    ['a promise told by a signal', one('{ type: promise.settled }'), /^6:20 SIGNALS_FIELD_INVALID/],
    ['our own type', 'signals:\n  customer.merged: { customer: event.data.into }\n', /SIGNALS_TYPE_RESERVED/],
    ['a duration in words', 'model: { recoveryWithin: 3 days }\nsignals: {}\n', /^3:\d+ SIGNALS_FIELD_INVALID/],
  ])('%s', (_, yaml, expected) => {
    expect(refusal(yaml).join('\n')).toMatch(expected);
  });
});
