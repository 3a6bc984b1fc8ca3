import { isOfType, topicOf } from './tail.js';

describe('topicOf', () => {
  it('takes the whole name or its middle', () => {
    expect(topicOf('promises')).toBe('makegood.promises.v1');
    expect(topicOf('makegood.dlq.v1')).toBe('makegood.dlq.v1');
  });

  it('names the nearest for a mistyped one', () => {
    expect(() => topicOf('compensation')).toThrow(/Did you mean compensations\?/);
  });
});

describe('isOfType', () => {
  it('matches a type with or without makegood, and whole prefixes', () => {
    expect(isOfType('makegood.refund.requested', 'refund')).toBe(true);
    expect(isOfType('makegood.refund.requested', 'makegood.refund.requested')).toBe(true);
    expect(isOfType('makegood.refunds.requested', 'refund')).toBe(false);
    expect(isOfType('shop.order.placed', 'shop')).toBe(true);
  });
});
