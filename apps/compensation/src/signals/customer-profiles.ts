import type { CloudEvent } from '#libs/contracts';
import type { Sql } from '#libs/persistence';
import { readPayee } from '../exports/payee.js';

const LOAD_PROFILES = `
select customer, locale, time_zone as "timeZone", payee, opt_out as "optOut" from customer_profile
where customer = any($1::text[])`;

const SAVE_PROFILES = `
insert into customer_profile (customer, locale, time_zone, payee, opt_out)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
on conflict (customer) do update set locale = excluded.locale, time_zone = excluded.time_zone, payee = excluded.payee,
  opt_out = excluded.opt_out`;

interface Profile {
  readonly customer: string;
  readonly locale: string | null;
  readonly timeZone: string | null;
  /** How money reaches them, as JSON. */
  readonly payee: string | null;
  /** What they do not want to hear, comma-separated: marketing, service. */
  readonly optOut: string | null;
}

/** What one `customer.updated` says of a customer: a field that it leaves out stays as it was, null takes it back. */
export type ProfileUpdate = Pick<Profile, 'customer'> & Partial<Profile>;

/** null: another event. @throws Error when it does not say of whom. */
export function profileUpdateOf(event: CloudEvent): ProfileUpdate | null {
  if (event.type !== 'customer.updated') return null;
  const data = event.data ?? {};
  const { customer } = data;
  if (typeof customer !== 'string') throw new Error('customer.updated without data.customer');
  return {
    customer,
    ...('locale' in data ? { locale: textOf(data['locale']) } : {}),
    ...('timeZone' in data ? { timeZone: textOf(data['timeZone']) } : {}),
    ...('payee' in data ? { payee: payeeOf(data['payee']) } : {}),
    ...('optOut' in data ? { optOut: optOutOf(data['optOut']) } : {}),
  };
}

/** In their order; a customer's updates come by one shard. */
export async function saveProfiles(updates: readonly ProfileUpdate[], tx: Sql): Promise<void> {
  if (updates.length === 0) return;
  const customers = [...new Set(updates.map(({ customer }) => customer))].sort();
  const known = await tx.query<Profile>(LOAD_PROFILES, [customers]);
  const profiles = new Map(known.map((profile) => [profile.customer, profile]));
  for (const update of updates) {
    const before = profiles.get(update.customer) ?? { locale: null, timeZone: null, payee: null, optOut: null };
    profiles.set(update.customer, { ...before, ...update });
  }
  const rows = customers.map((customer) => profiles.get(customer) as Profile);
  const column = <K extends keyof Profile>(key: K): Profile[K][] => rows.map((row) => row[key]);
  await tx.query(SAVE_PROFILES, [
    column('customer'),
    column('locale'),
    column('timeZone'),
    column('payee'),
    column('optOut'),
  ]);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.length <= 64 ? value : null;
}

function payeeOf(value: unknown): string | null {
  const payee = readPayee(value);
  return payee === null ? null : JSON.stringify(payee);
}

function optOutOf(value: unknown): string | null {
  const of = Array.isArray(value) ? value.filter((one) => typeof one === 'string').join(',') : '';
  return of === '' ? null : of;
}
