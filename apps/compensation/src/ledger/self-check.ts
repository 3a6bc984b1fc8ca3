import type { Sql } from '#libs/persistence';
import type { Finding } from '#libs/service';
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

/** Rows that differ: `$1` promises to look at, or null for all. At most so many are told by name. */
interface Row {
  readonly id: string;
  readonly found: string;
  readonly expected: string;
}
const TOLD_MAX = 1_000;

const CURRENCIES = `
select currency as id, sum(amount_minor)::text as found, '0' as expected from ledger_entry
group by currency having sum(amount_minor) <> 0`;

const LINES_AND_ENTRIES = `
select l.line_id as id, 'entries of ' || coalesce(-sum(e.amount_minor), 0) as found,
  'open on the line: ' || (l.amount_minor - l.cancelled_minor - l.reversed_minor - l.paid_minor + l.absorbed_minor + l.receivable_minor) as expected
from line l
left join ledger_transfer t using (line_id)
left join ledger_entry e on e.transfer_id = t.transfer_id and (e.account like 'payable:%' or e.account like 'points:%')
where l.currency is not null and l.state not in ('shadow', 'held', 'rejected') and ($1::uuid[] is null or l.promise_id = any($1))
group by l.line_id
having coalesce(-sum(e.amount_minor), 0) <>
  l.amount_minor - l.cancelled_minor - l.reversed_minor - l.paid_minor + l.absorbed_minor + l.receivable_minor
  and not (l.state = 'cancelled' and count(t.transfer_id) = 0)`;

const LINES_THEMSELVES = `
select line_id as id, state || ', standing ' || (amount_minor - cancelled_minor - reversed_minor) as found,
  'paid and not absorbed: ' || (paid_minor - absorbed_minor - receivable_minor) as expected
from line
where currency is not null and ($1::uuid[] is null or promise_id = any($1)) and (
  amount_minor - cancelled_minor - reversed_minor < paid_minor - absorbed_minor - receivable_minor
  or (state = 'paid' and amount_minor - cancelled_minor - reversed_minor <> paid_minor - absorbed_minor - receivable_minor)
  or (state = 'cancelled' and amount_minor - cancelled_minor - reversed_minor <> paid_minor - absorbed_minor - receivable_minor))`;

const PROMISES_AND_LINES = `
with owed as (
  select e.promise_id, sum((o ->> 'amountMinor')::bigint) as minor
  from entitlement e, jsonb_array_elements(e.owed::jsonb) o
  where e.content_hash is not null and o ->> 'currency' is not null and ($1::uuid[] is null or e.promise_id = any($1)) group by 1
), standing as (
  select promise_id, sum(amount_minor - cancelled_minor - reversed_minor) as minor, bool_or(state = 'recall-requested') as is_recalled
  from line where currency is not null and ($1::uuid[] is null or promise_id = any($1)) group by 1
)
select e.promise_id as id, 'lines of ' || coalesce(s.minor, 0) as found, 'owed ' || coalesce(o.minor, 0) as expected
from entitlement e left join owed o using (promise_id) left join standing s using (promise_id)
where e.content_hash is not null and ($1::uuid[] is null or e.promise_id = any($1))
  and coalesce(o.minor, 0) <> coalesce(s.minor, 0) and not coalesce(s.is_recalled, false)`;

const IN_TWO_EXPORTS = `
select line_id as id, 'in ' || count(*) || ' exports' as found, 'in one' as expected
from export_line where is_handed and not is_withdrawal group by line_id having count(*) > 1`;

const EVERYWHERE: Readonly<Record<keyof Drift, string>> = {
  currenciesUnbalanced: CURRENCIES,
  linesUnlikeEntries: LINES_AND_ENTRIES,
  linesUnlikeThemselves: LINES_THEMSELVES,
  promisesUnlikeLines: PROMISES_AND_LINES,
  linesInTwoExports: IN_TWO_EXPORTS,
};

const FIRST_OF_DAY = `
insert into self_check (day) values ($1) on conflict do nothing returning day`;

/** Recomputes balances from entries, lines from themselves and promises from lines. Anything but zero is an alarm. */
export async function findDrift(sql: Sql): Promise<Drift> {
  const drift: Record<string, number> = {};
  for (const [check, text] of Object.entries(EVERYWHERE)) {
    const params = text.includes('$1') ? [null] : [];
    const [row] = await sql.query<{ n: number }>(`select count(*)::integer as n from (${text}) x`, params);
    drift[check] = row?.n ?? 0;
    ledgerDrift.set({ check }, row?.n ?? 0);
  }
  return drift as unknown as Drift;
}

/** The checks that can be made promise by promise, of these, with where to look. */
export async function disagreementsAbout(promiseIds: readonly string[], tx: Sql): Promise<Finding[]> {
  if (promiseIds.length === 0) return [];
  const told = async (check: string, text: string): Promise<Finding[]> =>
    (await tx.query<Row>(`${text} limit ${TOLD_MAX}`, [promiseIds])).map((row) => ({
      check,
      ...row,
      lookAt: `./makegood explain ${row.id}`,
    }));
  return [
    ...(await told('balance-from-entries', LINES_AND_ENTRIES)),
    ...(await told('line-from-itself', LINES_THEMSELVES)),
    ...(await told('lines-from-entitlement', PROMISES_AND_LINES)),
  ];
}

/** Once a day of the log's time, whoever comes first. */
export async function checkNightly(tickMs: number, tx: Sql): Promise<void> {
  const day = Math.floor(tickMs / 86_400_000);
  const first = await tx.query(FIRST_OF_DAY, [day]);
  if (first.length > 0) await findDrift(tx);
}
