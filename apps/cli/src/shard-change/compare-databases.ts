import pg from 'pg';
import { ProblemError } from '#libs/kernel';

/** One kind of rows that two installations must have in common. */
interface Subject {
  readonly what: string;
  readonly service: 'sla_timer' | 'compensation' | 'loyalty' | 'intake';
  /** Columns `id` and `content`, both text; all but what another number of shards changes. */
  readonly rows: string;
}

export interface Difference {
  readonly id: string;
  /** null: it is not there. */
  readonly old: string | null;
  readonly new: string | null;
}

export interface Compared {
  readonly what: string;
  readonly old: number;
  readonly new: number;
  /** Ids whose rows differ: the first of them. */
  readonly differing: number;
  readonly examples: readonly Difference[];
}

const SUBJECTS: readonly Subject[] = [
  {
    what: 'promises',
    service: 'sla_timer',
    rows: `select promise_id::text as id, concat_ws(' ', build, subject, customer, state, coalesce(verdict, '-'), 'seq', sequence, opened_at_ms,
      due_at_ms, 'decided', decided_at_ms, 'completed', completed_at_ms, 'late', lateness_ms, owner, facts) as content from promise`,
  },
  {
    what: 'dead letters',
    service: 'intake',
    rows: `select letter_id as id, concat_ws(' ', service, reason, subject, status) as content from dead_letter`,
  },
  {
    what: 'entitlements',
    service: 'compensation',
    rows: `select promise_id::text as id, concat_ws(' ', guarantee, guarantee_version, mode, subject, customer, 'seq', sequence, content_hash)
      as content from entitlement`,
  },
  {
    what: 'lines',
    service: 'compensation',
    rows: `select line_id::text as id, concat_ws(' ', promise_id, remedy_id, n, kind, coalesce(currency, '-'), amount_minor, 'cancelled',
      cancelled_minor, 'reversed', reversed_minor, 'paid', paid_minor, 'absorbed', absorbed_minor, state, 'seq', line_sequence,
      beneficiary, issued_at_ms) as content from line`,
  },
  {
    what: 'settlements',
    service: 'compensation',
    rows: `select concat_ws(' ', line_id, reference, status) as id, concat_ws(' ', amount_minor) as content from settlement`,
  },
  {
    what: 'transfers',
    service: 'compensation',
    rows: `select transfer_id::text as id, concat_ws(' ', t.line_id, reason, (select string_agg(${accountOf('e.account')} || ' ' || currency ||
      ' ' || amount_minor, ', ' order by ${accountOf('e.account')}, amount_minor) from ledger_entry e where e.transfer_id = t.transfer_id))
      as content from ledger_transfer t`,
  },
  {
    what: 'ledger balances',
    service: 'compensation',
    rows: `select ${accountOf('account')} || ' ' || currency as id, sum(amount_minor)::text as content from ledger_entry group by 1`,
  },
  {
    what: 'money by kind',
    service: 'compensation',
    rows: `select concat_ws(' ', kind, coalesce(currency, '-'), state) as id, concat_ws(' ', count(*), sum(amount_minor), sum(paid_minor),
      sum(cancelled_minor)) as content from line group by 1`,
  },
  {
    what: 'customers and scores',
    service: 'loyalty',
    rows: `select customer as id, concat_ws(' ', round(score::numeric, 6), tier, segment, promises_kept, promises_missed, promises_excused,
      promises_cancelled, compensation) as content from customer`,
  },
];

/** A customer's name in the ledger is chance and says nothing: the customer stands for it. */
function accountOf(column: string): string {
  return `coalesce(split_part(${column}, ':', 1) || ':' || (select customer from customer_ref where ref::text = split_part(${column}, ':', 2)),
    ${column})`;
}

const EXAMPLES_MAX = 5;
/** Rows are compared by sums of their hashes, and one by one only where these differ. */
const BUCKET = `left(md5(id), 3)`;
const SUMS = (rows: string): string => `
select ${BUCKET} as bucket, count(*)::int as rows, sum(('x' || left(md5(content), 15))::bit(60)::bigint)::text as sum
from (${rows}) as row group by 1`;
const ROWS = (rows: string): string => `select id, content from (${rows}) as row where ${BUCKET} = any($1::text[])`;

/**
 * Compares what the services of two installations have made of their logs.
 * @param oldUrls, newUrls databases of each; where shards of sla-timer live in several, all of them
 */
export async function compareDatabases(oldUrls: readonly string[], newUrls: readonly string[]): Promise<Compared[]> {
  const olds = await connectAll(oldUrls);
  const news = await connectAll(newUrls);
  try {
    const compared: Compared[] = [];
    for (const subject of SUBJECTS) compared.push(await compareRows(subject, olds, news));
    return compared;
  } finally {
    await Promise.all([...olds, ...news].map((client) => client.end()));
  }
}

async function compareRows(
  subject: Subject,
  olds: readonly pg.Client[],
  news: readonly pg.Client[],
): Promise<Compared> {
  const [before, after] = [await sumsOf(subject, olds), await sumsOf(subject, news)];
  const buckets = [...new Set([...before.keys(), ...after.keys()])].filter((bucket) => {
    const [a, b] = [before.get(bucket), after.get(bucket)];
    return a?.rows !== b?.rows || a?.sum !== b?.sum;
  });
  const rows = (sums: ReadonlyMap<string, Sum>): number =>
    [...sums.values()].reduce((total, sum) => total + sum.rows, 0);
  const differences = buckets.length === 0 ? [] : await differencesIn(subject, buckets, olds, news);
  return {
    what: subject.what,
    old: rows(before),
    new: rows(after),
    differing: differences.length,
    examples: differences.slice(0, EXAMPLES_MAX),
  };
}

interface Sum {
  readonly rows: number;
  readonly sum: bigint;
}

async function sumsOf(subject: Subject, clients: readonly pg.Client[]): Promise<Map<string, Sum>> {
  const sums = new Map<string, Sum>();
  for (const client of clients)
    for (const row of await ask<{ bucket: string; rows: number; sum: string }>(client, subject, SUMS(subject.rows))) {
      const known = sums.get(row.bucket) ?? { rows: 0, sum: 0n };
      sums.set(row.bucket, { rows: known.rows + row.rows, sum: known.sum + BigInt(row.sum) });
    }
  return sums;
}

async function differencesIn(
  subject: Subject,
  buckets: readonly string[],
  olds: readonly pg.Client[],
  news: readonly pg.Client[],
): Promise<Difference[]> {
  const contents = async (clients: readonly pg.Client[]): Promise<Map<string, string>> => {
    const all = await Promise.all(
      clients.map((client) => ask<{ id: string; content: string }>(client, subject, ROWS(subject.rows), [buckets])),
    );
    return new Map(all.flat().map(({ id, content }) => [id, content]));
  };
  const [before, after] = [await contents(olds), await contents(news)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((id) => before.get(id) !== after.get(id))
    .sort()
    .map((id) => ({ id, old: before.get(id) ?? null, new: after.get(id) ?? null }));
}

/** A database without the service's schema (others hold it) has no rows of it. */
async function ask<Row extends object>(
  client: pg.Client,
  { service }: Subject,
  statement: string,
  params: readonly unknown[] = [],
): Promise<Row[]> {
  const { rows } = await client.query(`select 1 from information_schema.schemata where schema_name = $1`, [service]);
  if (rows.length === 0) return [];
  await client.query(`set search_path to ${service}`);
  return (await client.query<Row>(statement, [...params])).rows;
}

async function connectAll(urls: readonly string[]): Promise<pg.Client[]> {
  const clients = urls.map((connectionString) => new pg.Client({ connectionString }));
  for (const client of clients) {
    await client.connect().catch((error: Error) => {
      throw new ProblemError({
        code: 'DATABASE_AWAY',
        detail: `PostgreSQL on ${client.host}:${client.port} → ${error.message}`,
        advice: 'check --from-database and --to-database',
      });
    });
  }
  return clients;
}
