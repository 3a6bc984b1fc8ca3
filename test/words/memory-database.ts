import type { PGlite } from '@electric-sql/pglite';
import type { Database, Sql } from '#libs/persistence';
import { memoryPostgres, migrate, type Migration } from '../memory/memory-postgres.js';

/** A real PostgreSQL in memory: a second to start, one connection, a schema for each database that is opened in it. */
export class MemoryServer {
  private schemas = 0;

  private constructor(private readonly pg: PGlite) {}

  static async start(): Promise<MemoryServer> {
    return new MemoryServer(await memoryPostgres());
  }

  async open(migrations: readonly Migration[]): Promise<Database> {
    const schema = `memory_${++this.schemas}`;
    await this.pg.exec(`create schema ${schema}`);
    const enter = (): Promise<unknown> => this.pg.exec(`set search_path to ${schema}`);
    const query: Sql['query'] = async <R>(text: string, params: readonly unknown[] = []) =>
      (await this.pg.query<R>(text, [...params])).rows;
    await enter();
    await migrate(this.pg, migrations);
    const transaction = async <T>(work: (tx: Sql) => Promise<T>): Promise<T> => {
      await enter();
      await this.pg.exec('begin');
      try {
        const result = await work({ query });
        await this.pg.exec('commit');
        return result;
      } catch (error) {
        await this.pg.exec('rollback');
        throw error;
      }
    };
    const alone: Sql['query'] = async (text, params) => {
      await enter();
      return query(text, params);
    };
    return { schema, query: alone, transaction, close: async () => undefined } as unknown as Database;
  }

  stop(): Promise<void> {
    return this.pg.close();
  }
}
