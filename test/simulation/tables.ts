import { PGlite } from '@electric-sql/pglite';
import { migrate, type Migration } from '../memory/memory-postgres.js';
import type { QuickSql } from './quick-sql.js';

/** A column that the database numbers. */
interface Numbered {
  readonly table: string;
  readonly column: string;
}

interface Row {
  readonly [column: string]: unknown;
}

/** What of the tables is known when the database has just been opened. */
interface Layout {
  readonly tables: readonly string[];
  /** What migrations have put there. */
  readonly firstRows: ReadonlyMap<string, readonly Row[]>;
  readonly numbered: readonly Numbered[];
  /** By table that is copied, what a change of it changes: itself, and what its triggers write. */
  readonly writtenWith: ReadonlyMap<string, readonly string[]>;
}

/** Where the tables are copied to. */
const BACKUP = 'backup';

/** What only ever goes forward, seen going back: an offset, an epoch, the newest verdict that a promise's money was decided by. */
export const WATCHED = 'simulation_step_back';
const WATCH = `
create table ${WATCHED} (invariant text, name text, before bigint, after bigint);
create function note_offset() returns trigger language plpgsql as $$
begin
  if new.next_offset < old.next_offset or new.epoch < old.epoch then
    insert into ${WATCHED} values ('offset-is-state', new.shard || ' ' || new.topic, old.next_offset, new.next_offset);
  end if;
  return new;
end $$;
create trigger note_offset before update on shard_offset for each row execute function note_offset();
create function note_sequence() returns trigger language plpgsql as $$
begin
  if new.sequence < old.sequence then
    insert into ${WATCHED} values ('entitlement-is-net', new.subject, old.sequence, new.sequence);
  end if;
  return new;
end $$;
do $$ begin
  if to_regclass('entitlement') is not null then
    create trigger note_sequence before update on entitlement for each row execute function note_sequence();
  end if;
end $$;`;

/** A database with a service's tables, room for their copies and our watch: to be opened by any number of processes. */
export async function makeDatabase(migrations: readonly Migration[], cluster: Blob): Promise<Blob> {
  const pg = await PGlite.create({ loadDataDir: cluster });
  await migrate(pg, migrations);
  await pg.exec(WATCH);
  await pg.exec(`create schema ${BACKUP}`);
  for (const table of await namesIn(pg))
    await pg.exec(`create table ${BACKUP}.${table} as table public.${table} with no data`);
  const dumped = await pg.dumpDataDir('none');
  await pg.close();
  return dumped as Blob;
}

async function namesIn(pg: PGlite): Promise<string[]> {
  const names = await pg.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
  );
  return names.rows.map(({ name }) => name);
}

/** The tables of one database: emptied for a seed, copied, put back. Only what has changed since the last copy costs anything. */
export class Tables {
  hasCopy = false;
  /** Tables that are not as they were when the database was copied last. */
  private readonly changed = new Set<string>();

  private constructor(
    private readonly pg: PGlite,
    private readonly sql: QuickSql,
    private readonly layout: Layout,
  ) {}

  static async read(pg: PGlite, sql: QuickSql): Promise<Tables> {
    const tables = await namesIn(pg);
    const copied = tables.filter((table) => table !== WATCHED); // what was seen once is not unseen
    const firstRows = new Map<string, readonly Row[]>();
    for (const table of tables) {
      const { rows } = await pg.query<Row>(`select * from ${table}`);
      if (rows.length > 0) firstRows.set(table, rows);
    }
    const { rows: numbered } = await pg.query<Numbered>(
      `select table_name as table, column_name as column from information_schema.columns
       where table_schema = 'public' and is_identity = 'YES'`,
    );
    const triggers = await pg.query<{ table: string; source: string }>(
      `select c.relname as table, p.prosrc as source from pg_trigger t
       join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid`,
    );
    const writtenWith = new Map(copied.map((table) => [table, [table]]));
    for (const { table, source } of triggers.rows)
      writtenWith.get(table)?.push(...changedBy(source).filter((name) => copied.includes(name)));
    return new Tables(pg, sql, { tables, firstRows, numbered, writtenWith });
  }

  /** As the migrations left them. */
  async reset(): Promise<void> {
    const { tables, firstRows, writtenWith } = this.layout;
    for (const table of writtenWith.keys()) this.changed.add(table);
    this.hasCopy = false;
    await this.pg.exec('set session_replication_role = replica'); // the ledger refuses to be emptied
    const all = tables.flatMap((table) => [table, `${BACKUP}.${table}`]);
    await this.pg.exec(`truncate ${all.join(', ')} restart identity`);
    for (const [table, rows] of firstRows) {
      for (const row of rows) {
        await this.pg.query(`insert into ${table} select * from json_populate_record(null::${table}, $1)`, [
          JSON.stringify(row),
        ]);
      }
    }
    await this.pg.exec('set session_replication_role = origin');
  }

  /** A statement is about to change something, or nothing. */
  note(text: string): void {
    for (const name of changedBy(text))
      for (const table of this.layout.writtenWith.get(name) ?? []) this.changed.add(table);
  }

  /** Not while a transaction is open. */
  copy(): void {
    this.sql.query('begin');
    for (const table of this.changed) {
      this.sql.query(`delete from ${BACKUP}.${table}`);
      this.sql.query(`insert into ${BACKUP}.${table} select * from public.${table}`);
    }
    this.sql.query('commit');
    this.changed.clear();
    this.hasCopy = true;
  }

  /** As they were copied last. Not while a transaction is open. */
  putBack(): void {
    this.sql.query('begin');
    this.sql.query('set local session_replication_role = replica'); // the ledger refuses to be changed
    for (const table of this.changed) {
      this.sql.query(`delete from public.${table}`);
      this.sql.query(`insert into public.${table} overriding system value select * from ${BACKUP}.${table}`);
    }
    // Numbers given since the copy are given again, to other rows.
    for (const { table, column } of this.layout.numbered) {
      if (!this.changed.has(table)) continue;
      const next = `(select coalesce(max(${column}), 0) + 1 from ${table})`;
      this.sql.query(`select setval(pg_get_serial_sequence('${table}', '${column}'), ${next}, false)`);
    }
    this.sql.query('commit');
    this.changed.clear();
  }
}

const known = new Map<string, readonly string[]>();

/** Names of tables that a statement may write to, among other words. */
function changedBy(text: string): readonly string[] {
  const before = known.get(text);
  if (before) return before;
  const found = [...text.matchAll(/\b(?:insert into|update|delete from)\s+(?:only\s+)?(\w+)/gi)];
  const names = found.map(([, name]) => name as string);
  known.set(text, names);
  return names;
}
