import { expectedOf } from '../pipeline/workload.js';
import { dueOf, faultsOfWhole, type Kept, type Told } from './told.js';

const due = dueOf(1_003);

const right: Told = {
  promises: { counts: { breached: due.broken }, bytes: { breached: 1_600 }, repeated: 0 },
  lines: { counts: { 'refund.requested': due.broken }, bytes: { 'refund.requested': 1_500 }, repeated: 0 },
  refunds: {
    counts: { 'makegood.refund.requested': due.broken },
    keysAskedTwice: 0,
    refundedMinor: due.refundedMinor,
    repeated: 0,
  },
  scores: { counts: { 'score-changed': 2 * due.customers }, bytes: { 'score-changed': 700 }, repeated: 0 },
  deadLetters: 0,
};
const kept: Kept = { entries: 2 * due.broken, entriesSumMinor: 0, customersScored: due.customers };

describe('what a run of the whole must come to', () => {
  it('follows from the workload alone', () => {
    expect(due.broken).toBe(expectedOf(1_003, 'consequences').announcements['breached']);
    expect(due.customers).toBe(due.broken);
    expect(due.refundedMinor).toBeGreaterThan(due.broken * 2_000);
  });

  it('passes when everything is there once', () => {
    expect(faultsOfWhole(right, kept, due, null)).toEqual([]);
    expect(faultsOfWhole(right, kept, due, right.scores)).toEqual([]);
  });

  it.each<[string, Partial<Told>, Partial<Kept>]>([
    ['a breach that was not told', { promises: { ...right.promises, counts: { breached: due.broken - 1 } } }, {}],
    ['a kind that nobody expected', { promises: { ...right.promises, counts: { breached: due.broken, kept: 1 } } }, {}],
    ['a cent too much', { refunds: { ...right.refunds, refundedMinor: due.refundedMinor + 1 } }, {}],
    ['one refund asked for twice', { refunds: { ...right.refunds, keysAskedTwice: 1 } }, {}],
    ['a dead letter', { deadLetters: 1 }, {}],
    ['a missing entry', {}, { entries: 2 * due.broken - 1 }],
    ['books that do not balance', {}, { entriesSumMinor: 1 }],
    ['a customer who was not scored', {}, { customersScored: due.customers - 1 }],
    ['a customer of whom no score was told', { scores: { ...right.scores, counts: { 'score-changed': 1 } } }, {}],
  ])('finds %s', (_, told, tables) => {
    expect(faultsOfWhole({ ...right, ...told }, { ...kept, ...tables }, due, null)).toHaveLength(1);
  });

  it('finds a floor that tells less of scores than the product', () => {
    const more = { ...right.scores, counts: { 'score-changed': 2 * due.customers + 1 } };
    expect(faultsOfWhole(right, kept, due, more)).toHaveLength(1);
  });
});
