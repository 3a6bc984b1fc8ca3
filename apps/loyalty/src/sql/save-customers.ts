/** Columns of `customer` in the order in which rows are written, with their types. */
const COLUMNS: readonly (readonly [string, string])[] = [
  ['customer', 'text'],
  ['shard', 'integer'],
  ['as_of_ms', 'bigint'],
  ['since_ms', 'bigint'],
  ['score', 'double precision'],
  ['tier', 'text'],
  ['segment', 'text'],
  ['churn_risk', 'double precision'],
  ['promises_kept', 'integer'],
  ['promises_missed', 'integer'],
  ['promises_excused', 'integer'],
  ['promises_cancelled', 'integer'],
  ['compensation', 'json'],
  ['orders', 'integer'],
  ['purchase_days', 'integer'],
  ['first_purchase_day', 'integer'],
  ['last_purchase_day', 'integer'],
  ['spent', 'double precision'],
  ['merged_into', 'text'],
  ['announced_score', 'double precision'],
  ['announced_tier', 'text'],
  ['announced_event', 'text'],
  ['document', 'json'],
  ['snapshots', 'json'],
];

export const CUSTOMER_COLUMNS = COLUMNS.map(([name]) => name);

/** JSON goes as lines of one text: in an array each of its quotes would have to be escaped, and unescaped again. */
export const asLines = (documents: readonly unknown[]): string =>
  documents.map((each) => JSON.stringify(each)).join('\n');

/** Columns that go as lines. */
export const LINE_COLUMNS: ReadonlySet<string> = new Set(
  COLUMNS.flatMap(([name, type]) => (type === 'json' ? [name] : [])),
);

const parameterOf = (type: string, i: number): string =>
  type === 'json' ? `string_to_array($${i + 1}::text, E'\\n')::json[]` : `$${i + 1}::${type}[]`;

/** $1 …: one array a column, or lines, in the order of CUSTOMER_COLUMNS. */
export const SAVE_CUSTOMERS = `
insert into customer (${CUSTOMER_COLUMNS.join(', ')})
select * from unnest(${COLUMNS.map(([, type], i) => parameterOf(type, i)).join(', ')})
on conflict (customer) do update set
${CUSTOMER_COLUMNS.slice(1)
  .map((name) => `  ${name} = excluded.${name}`)
  .join(',\n')}`;

/** $1 customers, $2 shard, $3 look_at_ms, $4 risk, $5 gesture: arrays but for the shard; $6 watch as lines. */
export const SAVE_WATCHES = `
insert into customer_watch (customer, shard, look_at_ms, risk, gesture, watch)
select customer, $2, look_at_ms, risk, gesture, watch
from unnest($1::text[], $3::bigint[], $4::text[], $5::text[], string_to_array($6::text, E'\\n')::json[]) as t (customer, look_at_ms, risk, gesture, watch)
on conflict (customer) do update set
  look_at_ms = excluded.look_at_ms, risk = excluded.risk, gesture = excluded.gesture, watch = excluded.watch`;

/** $1 customer, $2 key, $3 reference, $4 time, $5 figures: nothing of the person stays but that they were erased. */
export const ERASE_CUSTOMER = `
with gone as (delete from customer where customer = $1), unwatched as (delete from customer_watch where customer = $1)
insert into erasure (erased_key, reference, erased_at_ms, figures) values ($2, $3, $4, $5)
on conflict (erased_key) do update set erased_at_ms = greatest(erasure.erased_at_ms, excluded.erased_at_ms)`;
