import { formatInstant } from '#libs/kernel';

/** 2026-03-01T12:00:00Z; the seeded customers bought before it. */
export const START_MS = 1_772_366_400_000;
const MINUTE_MS = 60_000;

/** Customers in an order that jumps all over the table. */
export function customerOf(n: number, customers: number): string {
  return `c${(n * 48_271 + 11) % customers}`;
}

/** Purchases, answers and contacts in turn. */
export function signalOf(n: number, customer: string): object {
  const kinds = [
    {
      type: 'customer.purchased',
      data: { order: `o${n}`, amount: { amountMinor: 1_000 + n, currency: 'EUR' }, category: 'tea' },
    },
    { type: 'customer.feedback', data: { kind: 'csat', value: 1 + (n % 5) } },
    { type: 'customer.contacted', data: { channel: 'mail' } },
  ] as const;
  const { type, data } = kinds[n % 3] as (typeof kinds)[number];
  return {
    specversion: '1.0',
    id: `s${n}`,
    source: 'bench',
    type,
    subject: customer,
    time: formatInstant(START_MS + n * MINUTE_MS),
    data: { customer, ...data },
  };
}
