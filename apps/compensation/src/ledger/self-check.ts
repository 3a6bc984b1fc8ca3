import type { Sql } from '#libs/persistence';
import { ledgerDrift } from '../metrics.js';

/** What must not differ, each as the number of things that do. */
export interface Drift {
  /** Currencies whose entries do not sum to zero. */
  readonly currenciesUnbalanced: number;
  /** Lines whose entries do not give what the line says is open. */
  readonly linesUnlikeEntries: number;
  /** Lines of money for which requested − cancelled − reversed = paid − absorbed − receivable + open does not hold. */
  readonly linesUnlikeThemselves: number;
  /** Promises whose standing lines are not what is owed (recalls that finance has not answered left out). */
  readonly promisesUnlikeLines: number;
  /** Lines that two exports told. */
  readonly linesInTwoExports: number;
}

const CURRENCIES = `
select count(*)::integer as n from (select from ledger_entry group by currency having sum(amount_minor) <> 0) x`;

const LINES_AND_ENTRIES = `
select count(*)::integer as n from (
  select l.line_id from line l
  left join ledger_transfer t using (line_id)
  left join ledger_entry e on e.transfer_id = t.transfer_id and (e.account like 'payable:%' or e.account like 'points:%')
  where l.currency is not null and l.state not in ('shadow', 'held', 'rejected')
  group by l.line_id
  having coalesce(-sum(e.amount_minor), 0) <>
    l.amount_minor - l.cancelled_minor - l.reversed_minor - l.paid_minor + l.absorbed_minor + l.receivable_minor
    and not (l.state = 'cancelled' and count(t.transfer_id) = 0)
) x`;

const LINES_THEMSELVES = `
select count(*)::integer as n from line
where currency is not null and (
  amount_minor - cancelled_minor - reversed_minor < paid_minor - absorbed_minor - receivable_minor
  or (state = 'paid' and amount_minor - cancelled_minor - reversed_minor <> paid_minor - absorbed_minor - receivable_minor)
  or (state = 'cancelled' and amount_minor - cancelled_minor - reversed_minor <> paid_minor - absorbed_minor - receivable_minor))`;

const PROMISES_AND_LINES = `
with owed as (
  select e.promise_id, sum((o ->> 'amountMinor')::bigint) as minor
  from entitlement e, jsonb_array_elements(e.owed::jsonb) o
  where e.content_hash is not null and o ->> 'currency' is not null group by 1
), standing as (
  select promise_id, sum(amount_minor - cancelled_minor - reversed_minor) as minor, bool_or(state = 'recall-requested') as is_recalled
  from line where currency is not null group by 1
)
select count(*)::integer as n from entitlement e left join owed o using (promise_id) left join standing s using (promise_id)
where e.content_hash is not null and coalesce(o.minor, 0) <> coalesce(s.minor, 0) and not coalesce(s.is_recalled, false)`;

const IN_TWO_EXPORTS = `
select count(*)::integer as n from (
  select from export_line where is_handed and not is_withdrawal group by line_id having count(*) > 1
) x`;

const FIRST_OF_DAY = `
insert into self_check (day) values ($1) on conflict do nothing returning day`;

/** Recomputes balances from entries, lines from themselves and promises from lines. Anything but zero is an alarm. */
export async function findDrift(sql: Sql): Promise<Drift> {
  const count = async (text: string): Promise<number> => (await sql.query<{ n: number }>(text))[0]?.n ?? 0;
  const drift = {
    currenciesUnbalanced: await count(CURRENCIES),
    linesUnlikeEntries: await count(LINES_AND_ENTRIES),
    linesUnlikeThemselves: await count(LINES_THEMSELVES),
    promisesUnlikeLines: await count(PROMISES_AND_LINES),
    linesInTwoExports: await count(IN_TWO_EXPORTS),
  };
  for (const [check, value] of Object.entries(drift)) ledgerDrift.set({ check }, value);
  return drift;
}

/** Once a day of the log's time, whoever comes first. */
export async function checkNightly(tickMs: number, tx: Sql): Promise<void> {
  const day = Math.floor(tickMs / 86_400_000);
  const first = await tx.query(FIRST_OF_DAY, [day]);
  if (first.length > 0) await findDrift(tx);
}
