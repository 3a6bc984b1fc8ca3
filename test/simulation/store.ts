import { PGlite, types } from '@electric-sql/pglite';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { OutgoingRecord } from '#libs/messaging';
import type { Database, Sql } from '#libs/persistence';
import { unpackOutbox } from '../../libs/shard-log/src/outbox-rows.js';
import { INSERT_OUTBOX } from '../../libs/shard-log/src/sql.js';
import { QuickSql } from './quick-sql.js';
import type { Process, Scheduler } from './scheduler.js';

export type Migration = new () => MigrationInterface;
/** What becomes of a request to the database: done, refused with the connection lost, or done and the answer lost. */
export type DatabaseFate = 'done' | 'refused' | 'answer-lost';

interface Session {
  readonly process: Process;
  isClosed: boolean;
  /** Names of the records that its open transaction has put into the outbox. */
  readonly outgoing: string[];
}

/** What a record says and where it goes: enough to know it again at the broker. */
function nameOf({ topic, partition, value }: Pick<OutgoingRecord, 'topic' | 'partition' | 'value'>): string {
  return `${topic}/${partition} ${value.toString()}`;
}

/** A column that the database numbers. */
interface Numbered {
  readonly table: string;
  readonly column: string;
}

interface Row {
  readonly [column: string]: unknown;
}

/** Where the database is copied to. */
const BACKUP = 'backup';

/** Each step backwards of an offset, and each change that came from an epoch that was over. */
const WATCH = `
create table simulation_offset (shard integer, topic text, before bigint, after bigint, epoch bigint);
create function note_offset() returns trigger language plpgsql as $$
begin
  if new.next_offset < old.next_offset or new.epoch < old.epoch then
    insert into simulation_offset values (new.shard, new.topic, old.next_offset, new.next_offset, new.epoch);
  end if;
  return new;
end $$;
create trigger note_offset before update on shard_offset for each row execute function note_offset();`;

/** One PostgreSQL in memory: one service's database, with its own migrations. */
export class Store {
  private holder: Session | null = null;
  private readonly waiting: { session: Session; enter: () => Promise<void> }[] = [];
  private readonly sessions = new Set<Session>();
  private scheduler: Scheduler | null = null;
  private fate: () => DatabaseFate = () => 'done';
  hasBackup = false;
  private readonly committed = new Set<string>();
  private readonly sql: QuickSql;

  private constructor(
    private readonly pg: PGlite,
    private readonly tables: readonly string[],
    private readonly firstRows: ReadonlyMap<string, readonly Row[]>,
    private readonly numbered: readonly Numbered[],
  ) {
    this.sql = new QuickSql(pg);
  }

  static async create(migrations: readonly Migration[]): Promise<Store> {
    const pg = await PGlite.create({ parsers: { [types.INT8]: Number } });
    const runner = {
      query: async (text: string, params?: unknown[]) =>
        params ? (await pg.query(text, params)).rows : void (await pg.exec(text)),
    };
    for (const Each of migrations) await new Each().up(runner as unknown as QueryRunner);
    await pg.exec(WATCH);
    await pg.exec('set plan_cache_mode = force_custom_plan');
    const names = await pg.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
    );
    const tables = names.rows.map(({ name }) => name);
    const firstRows = new Map<string, readonly Row[]>();
    for (const table of tables) {
      const { rows } = await pg.query<Row>(`select * from ${table}`);
      if (rows.length > 0) firstRows.set(table, rows);
    }
    await pg.exec(`create schema ${BACKUP}`);
    for (const table of tables) await pg.exec(`create table ${BACKUP}.${table} as table public.${table} with no data`);
    const numbered = await pg.query<Numbered>(
      `select table_name as table, column_name as column from information_schema.columns
       where table_schema = 'public' and is_identity = 'YES'`,
    );
    return new Store(pg, tables, firstRows, numbered.rows);
  }

  /** An empty database for the next seed. */
  async reset(scheduler: Scheduler, fate: () => DatabaseFate): Promise<void> {
    if (this.holder) await this.pg.exec('rollback');
    this.holder = null;
    this.waiting.length = 0;
    this.sessions.clear();
    this.committed.clear();
    this.hasBackup = false;
    this.scheduler = scheduler;
    this.fate = fate;
    await this.pg.exec('set session_replication_role = replica'); // the ledger refuses to be emptied
    await this.pg.exec(`truncate ${this.tables.join(', ')} restart identity`);
    for (const [table, rows] of this.firstRows) {
      for (const row of rows) {
        await this.pg.query(`insert into ${table} select * from json_populate_record(null::${table}, $1)`, [
          JSON.stringify(row),
        ]);
      }
    }
    await this.pg.exec('set session_replication_role = origin');
  }

  /** A transaction is open: who looks now sees what may never be. */
  get isWriting(): boolean {
    return this.holder !== null;
  }

  /** For the judge at the end, past the scheduler. */
  async look<T>(text: string, params: unknown[] = []): Promise<T[]> {
    return this.sql.query<T>(text, params);
  }

  /** Whether a transaction that said so has committed: what goes out before may never have been decided. */
  isDecided(record: Pick<OutgoingRecord, 'topic' | 'partition' | 'value'>): boolean {
    return this.committed.has(nameOf(record));
  }

  close(): Promise<void> {
    return this.pg.close();
  }

  /** Copies the database as it is between two transactions; not while one is open. */
  backUp(): void {
    if (this.holder !== null) return;
    this.sql.query('begin');
    for (const table of this.tables) {
      this.sql.query(`truncate ${BACKUP}.${table}`);
      this.sql.query(`insert into ${BACKUP}.${table} select * from public.${table}`);
    }
    this.sql.query('commit');
    this.hasBackup = true;
  }

  /** Puts the last copy back, as PostgreSQL is restored: nobody is connected any more. */
  putBack(): void {
    for (const session of this.sessions) session.isClosed = true;
    this.sessions.clear();
    this.waiting.length = 0; // whoever waited for the database was connected to the one of before
    if (this.holder) this.sql.query('rollback');
    this.holder = null;
    this.sql.query('begin');
    this.sql.query('set local session_replication_role = replica'); // the ledger refuses to be emptied
    this.sql.query(`truncate ${this.tables.join(', ')} restart identity`);
    for (const table of this.tables) {
      this.sql.query(`insert into public.${table} overriding system value select * from ${BACKUP}.${table}`);
    }
    // Numbers given since the copy are given again, to other rows.
    for (const { table, column } of this.numbered) {
      const next = `(select coalesce(max(${column}), 0) + 1 from ${table})`;
      this.sql.query(`select setval(pg_get_serial_sequence('${table}', '${column}'), ${next}, false)`);
    }
    this.sql.query('commit');
    this.letIn();
  }

  /** Connections of a dead process end, and with them its open transaction. */
  endSessionsOf(process: Process): void {
    this.theScheduler().after(this.theScheduler().random.int(0, 30), null, async () => {
      for (const session of this.sessions) if (session.process === process) await this.end(session);
    });
  }

  /**
   * A connection beside the one that has a transaction open, of the same process: a read of its own, where a pool has several.
   * What it sees of that transaction is what it will have written, or write again.
   */
  readerBeside(process: Process): Database {
    const query = <R>(text: string, params: readonly unknown[] = []): Promise<R[]> =>
      this.theScheduler().ask<R[]>(process, (answer) => answer(this.sql.query<R>(text, params)));
    return { schema: 'public', query } as unknown as Database;
  }

  open(process: Process, onClaim: (shard: number, epoch: number) => void): Database {
    const transaction = async <T>(work: (tx: Sql) => Promise<T>): Promise<T> => {
      const session: Session = { process, isClosed: false, outgoing: [] };
      this.sessions.add(session);
      await this.run(session, 'begin');
      try {
        const result = await work({ query: (text, params) => this.statement(session, text, params ?? [], onClaim) });
        await this.run(session, 'commit');
        return result;
      } catch (error) {
        await this.run(session, 'rollback').catch(() => undefined);
        throw error;
      }
    };
    const query = async <R>(text: string, params: readonly unknown[] = []): Promise<R[]> => {
      const session: Session = { process, isClosed: false, outgoing: [] };
      try {
        return await this.statement<R>(session, text, params, onClaim);
      } finally {
        session.isClosed = true;
      }
    };
    return { schema: 'public', query, transaction, close: async () => undefined } as unknown as Database;
  }

  private async statement<R>(
    session: Session,
    text: string,
    params: readonly unknown[],
    onClaim: (shard: number, epoch: number) => void,
  ): Promise<R[]> {
    const rows = await this.serve<R[]>(session, () => this.sql.query<R>(text, params));
    if (text === INSERT_OUTBOX) {
      const [shard, topic, records] = params as [number, string, string];
      for (const record of unpackOutbox({ shard, topic, records })) session.outgoing.push(nameOf(record));
    }
    const claimed = rows[0] as { epoch?: number; outputOffset?: number } | undefined;
    if (claimed?.epoch !== undefined && claimed.outputOffset !== undefined) onClaim(Number(params[0]), claimed.epoch);
    return rows;
  }

  private run(session: Session, what: 'begin' | 'commit' | 'rollback'): Promise<void> {
    return this.serve(session, () => {
      this.sql.query(what);
      if (what === 'commit') for (const name of session.outgoing) this.committed.add(name);
      this.holder = what === 'begin' ? session : null;
      if (what !== 'begin') this.forget(session);
    });
  }

  private serve<T>(session: Session, work: () => T): Promise<T> {
    return this.theScheduler().ask<T>(session.process, (answer, refuse) =>
      this.enter(session, async () => {
        if (session.isClosed) return refuse(connectionLost());
        const fate = this.fate();
        if (fate === 'refused') {
          await this.end(session);
          return refuse(connectionLost());
        }
        try {
          const value = work();
          if (fate === 'done') return answer(value);
          await this.end(session);
          refuse(connectionLost());
        } catch (error) {
          refuse(error as Error);
        }
      }),
    );
  }

  /** One connection serves all sessions, so a transaction has the database to itself (isolation is tested elsewhere). */
  private async enter(session: Session, work: () => Promise<void>): Promise<void> {
    if (this.holder !== null && this.holder !== session) {
      this.waiting.push({ session, enter: work });
      return;
    }
    await work();
    this.letIn();
  }

  private letIn(): void {
    if (this.holder !== null) return;
    const next = this.waiting.shift();
    if (next) this.theScheduler().after(0, null, () => this.enter(next.session, next.enter));
  }

  private async end(session: Session): Promise<void> {
    if (this.holder === session) {
      this.sql.query('rollback');
      this.holder = null;
    }
    this.forget(session);
    this.letIn();
  }

  private forget(session: Session): void {
    session.isClosed = true;
    this.sessions.delete(session);
  }

  private theScheduler(): Scheduler {
    if (!this.scheduler) throw new Error('the store has not been reset for a seed yet');
    return this.scheduler;
  }
}

function connectionLost(): Error {
  return Object.assign(new Error('Connection terminated unexpectedly'), { code: '08006' });
}
