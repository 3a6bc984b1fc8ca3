import { PGlite, types } from '@electric-sql/pglite';
import { recordsOf, type OutgoingRecord } from '#libs/messaging';
import type { Database, Sql } from '#libs/persistence';
import { PARK } from '../../libs/shard-log/src/parked-sql.js';
import { INSERT_OUTBOX } from '../../libs/shard-log/src/sql.js';
import { QuickSql } from './quick-sql.js';
import type { Process, Scheduler } from './scheduler.js';
import { Tables } from './tables.js';

/** What becomes of a request to the database: done, refused with the connection lost, or done and the answer lost. */
export type DatabaseFate = 'done' | 'refused' | 'answer-lost';

interface Session {
  readonly process: Process;
  isClosed: boolean;
  /** What its open transaction has put into the outbox. */
  readonly outgoing: OutgoingRecord[];
  hasParked: boolean;
}

/** A transaction that counts from now on, whether or not whoever made it learns that. */
export interface Committed {
  readonly process: Process;
  /** What it will tell: nobody outside has seen it. */
  readonly told: readonly OutgoingRecord[];
  /** It holds back records of a key. */
  readonly hasParked: boolean;
}

/** What a record says and where it goes: enough to know it again at the broker. */
function nameOf({ topic, partition, value }: Pick<OutgoingRecord, 'topic' | 'partition' | 'value'>): string {
  return `${topic}/${partition} ${value.toString()}`;
}

/** One PostgreSQL in memory: one service's database, with its own migrations. */
export class Store {
  private holder: Session | null = null;
  private readonly waiting: { session: Session; enter: () => Promise<void> }[] = [];
  private readonly sessions = new Set<Session>();
  private scheduler: Scheduler | null = null;
  private fate: () => DatabaseFate = () => 'done';
  /** Told of each transaction that says something, at the moment at which it counts. */
  onCommit: (committed: Committed) => void = () => undefined;
  private readonly committed = new Set<string>();

  private constructor(
    private readonly pg: PGlite,
    private readonly sql: QuickSql,
    private readonly tables: Tables,
  ) {}

  /** @param dumped a database that was made by `makeDatabase` */
  static async open(dumped: Blob): Promise<Store> {
    const pg = await PGlite.create({ parsers: { [types.INT8]: Number }, loadDataDir: dumped });
    await pg.exec('set plan_cache_mode = force_custom_plan');
    const sql = new QuickSql(pg);
    return new Store(pg, sql, await Tables.read(pg, sql));
  }

  /** An empty database for the next seed. */
  async reset(scheduler: Scheduler, fate: () => DatabaseFate): Promise<void> {
    if (this.holder) await this.pg.exec('rollback');
    this.holder = null;
    this.waiting.length = 0;
    this.sessions.clear();
    this.committed.clear();
    this.scheduler = scheduler;
    this.fate = fate;
    await this.tables.reset();
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

  get hasBackup(): boolean {
    return this.tables.hasCopy;
  }

  /** Copies the database as it is between two transactions; not while one is open. */
  backUp(): void {
    if (this.holder === null) this.tables.copy();
  }

  /** Puts the last copy back, as PostgreSQL is restored: nobody is connected any more. */
  putBack(): void {
    for (const session of this.sessions) session.isClosed = true;
    this.sessions.clear();
    this.waiting.length = 0; // whoever waited for the database was connected to the one of before
    if (this.holder) this.sql.query('rollback');
    this.holder = null;
    this.tables.putBack();
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
      const session: Session = { process, isClosed: false, outgoing: [], hasParked: false };
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
      const session: Session = { process, isClosed: false, outgoing: [], hasParked: false };
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
    const rows = await this.serve<R[]>(session, () => {
      this.tables.note(text);
      return this.sql.query<R>(text, params);
    });
    if (text === INSERT_OUTBOX) {
      const [, topic, bytes] = params as [number, string, Buffer];
      session.outgoing.push(...recordsOf({ topic, bytes }));
    }
    if (text === PARK) session.hasParked = true;
    const claimed = rows[0] as { epoch?: number; outputOffset?: number } | undefined;
    if (claimed?.epoch !== undefined && claimed.outputOffset !== undefined) onClaim(Number(params[0]), claimed.epoch);
    return rows;
  }

  private run(session: Session, what: 'begin' | 'commit' | 'rollback'): Promise<void> {
    return this.serve(session, () => {
      this.sql.query(what);
      this.holder = what === 'begin' ? session : null;
      if (what !== 'begin') this.forget(session);
      if (what === 'commit') this.note(session);
    });
  }

  private note({ process, outgoing, hasParked }: Session): void {
    for (const record of outgoing) this.committed.add(nameOf(record));
    if (outgoing.length > 0 || hasParked) this.onCommit({ process, told: outgoing, hasParked });
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
