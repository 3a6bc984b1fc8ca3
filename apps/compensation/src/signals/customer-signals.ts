import type { CloudEvent } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import { NO_EFFECTS, type Effects, type Rejected } from '#libs/shard-log';

const SAVE_PROFILES = `
insert into customer_profile (customer, locale, time_zone)
select * from unnest($1::text[], $2::text[], $3::text[])
on conflict (customer) do update set locale = excluded.locale, time_zone = excluded.time_zone`;

interface Profile {
  readonly customer: string;
  readonly locale: string | null;
  readonly timeZone: string | null;
}

/** Keeps of `customer.updated` what words need: the language. Names and addresses are no business of this service. */
export async function followSignals(records: readonly LogRecord[], tx: Sql): Promise<Effects> {
  const rejected: Rejected[] = [];
  const profiles = new Map<string, Profile>();
  for (const record of records) {
    try {
      const profile = profileOf(record);
      if (profile) profiles.set(profile.customer, profile);
    } catch (error) {
      rejected.push({ record, reason: 'SIGNAL_INVALID', detail: (error as Error).message });
    }
  }
  const rows = [...profiles.values()].sort((a, b) => (a.customer < b.customer ? -1 : 1));
  if (rows.length > 0) {
    const column = <K extends keyof Profile>(key: K): Profile[K][] => rows.map((row) => row[key]);
    await tx.query(SAVE_PROFILES, [column('customer'), column('locale'), column('timeZone')]);
  }
  return { ...NO_EFFECTS, rejected };
}

function profileOf(record: LogRecord): Profile | null {
  const event = JSON.parse(record.value.toString('utf8')) as CloudEvent;
  if (event.type !== 'customer.updated') return null;
  const { customer, locale, timeZone } = event.data ?? {};
  if (typeof customer !== 'string') throw new Error('customer.updated without data.customer');
  const text = (value: unknown): string | null => (typeof value === 'string' && value.length <= 64 ? value : null);
  return { customer, locale: text(locale), timeZone: text(timeZone) };
}
