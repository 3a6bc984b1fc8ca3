import { PGlite, types } from '@electric-sql/pglite';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export type Migration = new () => MigrationInterface;

/** A real PostgreSQL in memory: a second to start, one connection. Eight-byte integers come as numbers, as services read them. */
export async function memoryPostgres(migrations: readonly Migration[] = []): Promise<PGlite> {
  const pg = await PGlite.create({ parsers: { [types.INT8]: Number } });
  await migrate(pg, migrations);
  return pg;
}

/** TypeORM's order: by the instant in the name. */
export const stampOf = (Each: Migration): number => Number(new Each().name?.slice(-13));

/** In the order that is given. */
export async function migrate(pg: PGlite, migrations: readonly Migration[]): Promise<void> {
  const query = async (text: string, params?: unknown[]): Promise<unknown> =>
    params ? (await pg.query(text, params)).rows : void (await pg.exec(text));
  for (const Each of migrations) await new Each().up({ query } as unknown as QueryRunner);
}
