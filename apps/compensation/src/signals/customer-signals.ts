import type { CloudEvent } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import { readPayee } from '../exports/payee.js';
import type { Signals } from '#libs/signals';
import { holdTexts } from './hold-texts.js';
import { personalContactOf, type PersonalContact } from './personal-contact.js';
import { reclaimLines } from './reclaim-lines.js';
import { NO_EFFECTS, type Effects, type Rejected } from '#libs/shard-log';

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

/**
 * Keeps of the signals what words and payments need: the language, how money reaches somebody, and who has been spoken to
 * by a person.
 */
export async function followSignals(
  records: readonly LogRecord[],
  { shardCount, signals }: { readonly shardCount: number; readonly signals: Signals },
  tx: Sql,
): Promise<Effects> {
  const rejected: Rejected[] = [];
  const contacts: PersonalContact[] = [];
  const profiles = new Map<string, Profile>();
  for (const record of records) {
    try {
      const event = JSON.parse(record.value.toString('utf8')) as CloudEvent;
      const contact = personalContactOf(event, signals);
      if (contact) contacts.push(contact);
      const profile = profileOf(event);
      if (profile) profiles.set(profile.customer, profile);
    } catch (error) {
      // It replaces what was known: applied later, it must not undo what came after it.
      rejected.push({ record, reason: 'SIGNAL_INVALID', detail: (error as Error).message, holdsKey: true });
    }
  }
  const rows = [...profiles.values()].sort((a, b) => (a.customer < b.customer ? -1 : 1));
  if (rows.length > 0) {
    const column = <K extends keyof Profile>(key: K): Profile[K][] => rows.map((row) => row[key]);
    await tx.query(SAVE_PROFILES, [
      column('customer'),
      column('locale'),
      column('timeZone'),
      column('payee'),
      column('optOut'),
    ]);
  }
  const payable = rows.filter(({ payee }) => payee !== null).map(({ customer }) => customer);
  const atMs = Math.max(0, ...records.map(({ timestampMs }) => timestampMs));
  const held = await holdTexts(contacts, shardCount, tx);
  return { ...NO_EFFECTS, outgoing: [...held, ...(await reclaimLines(payable, atMs, shardCount, tx))], rejected };
}

function profileOf(event: CloudEvent): Profile | null {
  if (event.type !== 'customer.updated') return null;
  const { customer, locale, timeZone, payee, optOut } = event.data ?? {};
  if (typeof customer !== 'string') throw new Error('customer.updated without data.customer');
  const text = (value: unknown): string | null => (typeof value === 'string' && value.length <= 64 ? value : null);
  const known = readPayee(payee);
  const optedOut = Array.isArray(optOut) ? optOut.filter((one) => typeof one === 'string').join(',') : '';
  return {
    customer,
    locale: text(locale),
    timeZone: text(timeZone),
    payee: known === null ? null : JSON.stringify(known),
    optOut: optedOut === '' ? null : optedOut,
  };
}
