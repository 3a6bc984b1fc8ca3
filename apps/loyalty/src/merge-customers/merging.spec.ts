import fc from 'fast-check';
import type { CloudEvent } from '#libs/contracts';
import {
  DAY_MS,
  lineEvent,
  promiseEvent,
  settlementEvent,
  signalEvent,
  START_MS,
} from '../apply-log/events-for-tests.js';
import { ENTRIES_MAX } from '../customer-document/summarise.js';
import { Town } from './town-for-tests.js';

const at = (days: number): number => START_MS + Math.round(days * DAY_MS);
const merged = (from: string, into: string, days: number): CloudEvent =>
  signalEvent('customer.merged', at(days), { customer: undefined, from, into });

/** Something that happened to a customer: the n-th, `days` after the start. */
function happening(customer: string, n: number, days: number, plot: number): CloudEvent[] {
  const promiseId = `00000000-0000-5000-8000-${String(n).padStart(12, '0')}`;
  const about = { promiseId, customer, openedAtMs: at(days - 2), dueAtMs: at(days) };
  const breached = promiseEvent({
    ...about,
    kind: 'breached',
    sequence: 2,
    verdict: 'breached',
    decidedAtMs: at(days),
  });
  const line = { customer, promiseId, lineId: `l${n}`, decidedAtMs: at(days + 0.1) };
  const order = { customer, order: `o${n}`, amount: { amountMinor: 100 + n, currency: 'EUR' } };
  const plots: CloudEvent[][] = [
    [breached as unknown as CloudEvent],
    [
      breached as unknown as CloudEvent,
      lineEvent({ ...line, type: 'refund.requested' }) as unknown as CloudEvent,
      { ...settlementEvent('settled', at(days + 1), `l${n}`), data: { lineId: `l${n}`, lineSequence: 2, customer } },
    ],
    [signalEvent('customer.purchased', at(days), order, `buy${n}`)],
    [signalEvent('customer.feedback', at(days), { customer, kind: 'nps', value: n % 11 }, `nps${n}`)],
    [signalEvent('customer.contacted', at(days), { customer, personal: true }, `call${n}`)],
  ];
  return plots[plot % plots.length] as CloudEvent[];
}

const plans = fc.array(
  fc.record({
    who: fc.constantFrom('ann', 'anna', 'anne'),
    days: fc.double({ min: 3, max: 90, noNaN: true }),
    plot: fc.nat(4),
  }),
  { minLength: 2, maxLength: 12 },
);
const lifeOf = (plan: readonly { who: string; days: number; plot: number }[]) =>
  plan.map(({ who, days, plot }, n) => happening(who, n, days, plot));

describe('customers who turn out to be one', () => {
  it('have one history on the shard of the one who stays: the union, whenever the merge is heard of', async () => {
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.nat(100),
        fc.nat(100),
        fc.infiniteStream(fc.nat(2)),
        async (plan, first, second, lags) => {
          const life = lifeOf(plan).flat();
          const told = [...life];
          told.splice(first % (told.length + 1), 0, merged('anna', 'anne', 100));
          told.splice(second % (told.length + 1), 0, merged('anne', 'ann', 101));
          const town = new Town();
          await town.feed(told, () => lags.next().value as number);
          const one = new Town();
          await one.feed(lifeOf(plan.map((each) => ({ ...each, who: 'ann' }))).flat());
          expect(town.rejected).toEqual([]);
          const [found, expected] = [town, one].map((each) =>
            each.customers.has('ann') ? each.document('ann') : null,
          );
          const known = { ...found, mergedFrom: [], asOfMs: 0 };
          expect(known).toEqual({
            ...expected,
            mergedFrom: [],
            asOfMs: 0,
            ...(expected ? {} : { ...found, mergedFrom: [], asOfMs: 0 }),
          });
          for (const gone of ['anna', 'anne'])
            expect(town.document(gone)).toMatchObject({ promises: {}, signals: {}, mergedInto: expect.anything() });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('are moved once, whatever is repeated', async () => {
    const life = [...happening('anna', 1, 5, 1), ...happening('ann', 2, 6, 2), merged('anna', 'ann', 7)];
    const [once, twice] = [new Town(), new Town()];
    await once.feed(life);
    await twice.feed([...life, ...life, ...life]);
    expect(twice.document('ann')).toEqual(once.document('ann'));
    expect(once.document('ann')).toMatchObject({ mergedFrom: ['anna'] });
    expect(once.customers.get('ann')).toMatchObject({ promises_missed: 1, orders: 1 });
    expect(once.customers.get('anna')).toMatchObject({ merged_into: 'ann', promises_missed: 0 });
  });

  it('have a score told of the one who stays, with the merge as its cause', async () => {
    const town = new Town();
    const merge = merged('anna', 'ann', 7);
    await town.feed([...happening('anna', 1, 5, 0), ...happening('ann', 2, 6, 2), merge]);
    expect(town.told.at(-1)).toMatchObject({ subject: 'ann', data: { cause: { eventId: merge.id } } });
    expect(town.told.filter(({ type }) => type.endsWith('score-changed')).length).toBe(2);
  });

  it('do not go in a circle', async () => {
    const town = new Town();
    await town.feed([...happening('anna', 1, 5, 2), merged('anna', 'ann', 7), merged('ann', 'anna', 8)]);
    expect(town.rejected).toEqual([expect.stringContaining('circle')]);
    await town.feed([...happening('anna', 2, 9, 2)]);
    expect(town.customers.get('ann')).toMatchObject({ orders: 2 });
  });

  it('keep their counts and their oldest history though it is summarised', async () => {
    const many = Array.from({ length: ENTRIES_MAX + 10 }, (_, n) =>
      happening('anna', n, 3 + n, n % 50 === 0 ? 0 : 2),
    ).flat();
    const town = new Town(50);
    await town.feed([
      ...many,
      ...happening('ann', 5_000, 900, 3),
      merged('anna', 'ann', 901),
      merged('anna', 'ann', 901),
    ]);
    expect(town.customers.get('ann')).toMatchObject({ promises_missed: 13, orders: ENTRIES_MAX + 10 - 13 });
  });
});

describe('a customer who is erased', () => {
  const erased = (days: number): CloudEvent => ({
    ...signalEvent('makegood.customer.erased', at(days), { customer: 'ann' }),
    source: 'makegood/loyalty',
  });

  it('leaves figures under a reference, and does not come back by a late copy; what happens later begins anew', async () => {
    const town = new Town();
    const life = [...happening('ann', 1, 5, 1), ...happening('ann', 2, 6, 2)];
    await town.feed([...life, erased(10), ...life]);
    expect(town.customers.has('ann')).toBe(false);
    const [figures] = [...town.erasures.values()];
    expect(JSON.parse(String(figures?.['figures']))).toMatchObject({ missed: 1, compensationMinor: { CNY: 2_000 } });
    expect(JSON.stringify([...town.erasures])).not.toContain('ann');
    await town.feed(happening('ann', 3, 11, 2));
    expect(town.customers.get('ann')).toMatchObject({ orders: 1, promises_missed: 0 });
  });
});
