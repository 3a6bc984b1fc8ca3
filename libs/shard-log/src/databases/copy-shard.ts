import type { Database, Sql } from '#libs/persistence';

/** A table that has rows of shards, or rows that those rest on. */
export interface MovedTable {
  readonly name: string;
  /** Those that the database does not fill in by itself. */
  readonly columns: readonly string[];
  /** The column by which the database numbers rows in order of their making; null: none. */
  readonly numbered: string | null;
  readonly isByShard: boolean;
}

/** What `main` alone keeps, for no shard in particular; migrations keep their own. */
const KEPT_BY_MAIN: ReadonlySet<string> = new Set(['schema_migration', 'control_offset', 'api_key', 'guarantee_set']);
const ROWS_PER_PAGE = 2_000;

const LOAD_TABLES = `
select c.relname::text as name, bool_or(a.attname = 'shard') as "isByShard",
  max(a.attname::text) filter (where a.attidentity <> '') as numbered,
  array_agg(a.attname::text order by a.attnum) filter (where a.attidentity = '' and a.attgenerated = '') as columns
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
group by c.relname order by c.relname`;

/**
 * The tables that a shard's rows are in, as the database itself says, so that none is forgotten: those with a column
 * `shard`, and `shared` ones, which every database has whole.
 * @throws Error for a table that is neither: a shard that moved would leave its rows behind
 */
export async function tablesToMove(sql: Sql, shared: readonly string[]): Promise<MovedTable[]> {
  const all = await sql.query<MovedTable>(LOAD_TABLES);
  const tables = all.filter(({ name, isByShard }) => name !== 'shard' && (isByShard || shared.includes(name)));
  const known = new Set([...tables.map(({ name }) => name), 'shard', ...KEPT_BY_MAIN]);
  const unknown = all.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  if (unknown.length > 0)
    throw new Error(
      `tables have a column shard, or are named as shared → ${unknown.join(', ')}: no shard can be moved`,
    );
  return tables;
}

/** Copies a shard's rows as text, whatever their columns are. @returns how many */
export async function copyShard(
  shard: number,
  tables: readonly MovedTable[],
  from: Database,
  into: Sql,
): Promise<number> {
  return from.transaction(async (source) => {
    await source.query('set transaction isolation level repeatable read, read only');
    let rows = 0;
    for (const table of tables) rows += await copyTable(shard, table, source, into);
    return rows;
  });
}

async function copyTable(shard: number, table: MovedTable, source: Sql, into: Sql): Promise<number> {
  const { name, isByShard } = table;
  const cursor = `moved_${name}`;
  await source.query(`declare ${cursor} no scroll cursor for ${selectOf(shard, table)}`);
  const columns = table.columns.map(quoted).join(', ');
  const insert = `
insert into ${quoted(name)} (${columns})
select ${columns} from json_populate_recordset(null::${quoted(name)}, $1::json)${isByShard ? '' : ' on conflict do nothing'}`;
  for (let copied = 0; ;) {
    const page = await source.query<{ row: string }>(`fetch ${ROWS_PER_PAGE} from ${cursor}`);
    // As text all the way: nothing is read, so nothing can be rounded.
    if (page.length > 0) await into.query(insert, [`[${page.map(({ row }) => row).join(',')}]`]);
    copied += page.length;
    if (page.length === ROWS_PER_PAGE) continue;
    await source.query(`close ${cursor}`);
    return isByShard ? copied : 0;
  }
}

function selectOf(shard: number, { name, numbered, isByShard }: MovedTable): string {
  const where = isByShard ? ` where shard = ${Number(shard)}` : '';
  // Numbered anew in the order of their making: outbox and waiting records go on in it.
  const order = numbered === null ? '' : ` order by ${quoted(numbered)}`;
  return `select row_to_json(t)::text as row from (select * from ${quoted(name)}${where}${order}) t`;
}

/** @returns how many rows */
export async function deleteShard(shard: number, tables: readonly MovedTable[], sql: Sql): Promise<number> {
  let rows = 0;
  for (const { name, isByShard } of tables) {
    if (!isByShard) continue;
    const [gone] = await sql.query<{ rows: number }>(
      `with gone as (delete from ${quoted(name)} where shard = $1 returning 1) select count(*)::integer as rows from gone`,
      [shard],
    );
    rows += gone?.rows ?? 0;
  }
  return rows;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
