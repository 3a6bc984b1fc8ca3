import pg from 'pg';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { arrayLiteral } from './array-literal.js';

/** Statements with positional parameters ($1 …); rows come back as plain objects, int8 as number. */
export interface Sql {
  query<Row = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<Row[]>;
}

/** One PostgreSQL schema of one service. */
export interface Database extends Sql {
  readonly schema: string;
  /** Commits when `work` resolves, rolls back when it rejects. */
  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T>;
  readonly dataSource: DataSource;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly schema: string;
  readonly applicationName: string;
  readonly migrations: readonly (new () => MigrationInterface)[];
  readonly poolMax?: number;
}

// Offsets, sequences and minor units stay below 2^53: numbers, not strings.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * A machine that fell off the network in the middle of a transaction holds its locks, a shard's fence among them, for as long
 * as the server believes in it: two hours by default. Here 11 s after the last word; 20 s where the machine still answers and
 * the process does not (stopped, swapping). What it had not committed is done again by whoever owns the shard then.
 */
const UNTIL_GIVEN_UP =
  '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c idle_in_transaction_session_timeout=20s';

/** Opens the pool and brings the schema up to date, under an advisory lock so that instances start side by side. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const dataSource = new DataSource({
    type: 'postgres',
    driver: pg,
    url: options.url,
    schema: options.schema,
    applicationName: options.applicationName,
    migrations: [...options.migrations] as never,
    migrationsTableName: 'schema_migration',
    synchronize: false,
    logging: false,
    poolErrorHandler: () => undefined, // a lost idle connection is replaced by the pool; work in flight gets its own error
    extra: {
      max: options.poolMax ?? 8, // A plan kept from when a table was empty reads all of it for ever: plan anew, it is cheap beside a batch.
      options: `-c search_path=${options.schema} -c plan_cache_mode=force_custom_plan ${UNTIL_GIVEN_UP}`,
      keepAlive: true,
    },
  });
  await createSchema(options);
  await dataSource.initialize();
  await migrate(dataSource, options.schema);
  return new TypeOrmDatabase(dataSource, options.schema);
}

async function createSchema({ url, schema }: DatabaseOptions): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(hashtext($1))', [`makegood schema ${schema}`]);
    await client.query(`create schema if not exists ${client.escapeIdentifier(schema)}`);
  } finally {
    await client.end();
  }
}

async function migrate(dataSource: DataSource, schema: string): Promise<void> {
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query('select pg_advisory_lock(hashtext($1))', [`makegood migrate ${schema}`]);
    await dataSource.runMigrations({ transaction: 'each' });
    await lock.query('select pg_advisory_unlock(hashtext($1))', [`makegood migrate ${schema}`]);
  } finally {
    await lock.release();
  }
}

class TypeOrmDatabase implements Database {
  constructor(
    readonly dataSource: DataSource,
    readonly schema: string,
  ) {}

  query<Row>(text: string, params: readonly unknown[] = []): Promise<Row[]> {
    return this.withRunner((runner) => runPrepared<Row>(runner, text, params));
  }

  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    return this.withRunner(async (runner) => {
      await runner.startTransaction();
      try {
        const result = await work({
          query: <Row>(text: string, params: readonly unknown[] = []) => runPrepared<Row>(runner, text, params),
        });
        await runner.commitTransaction();
        return result;
      } catch (error) {
        await runner.rollbackTransaction().catch(() => undefined); // the connection may be gone; the first error counts
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
  }

  private async withRunner<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return await work(runner);
    } finally {
      await runner.release();
    }
  }
}

/** Statement texts are constants of the code, so that each connection prepares each of them once. */
const statementNames = new Map<string, string>();

async function runPrepared<Row>(runner: QueryRunner, text: string, params: readonly unknown[]): Promise<Row[]> {
  const client = (await runner.connect()) as pg.PoolClient;
  let name = statementNames.get(text);
  if (!name) statementNames.set(text, (name = `s${statementNames.size}`));
  const values = params.map((value) => (Array.isArray(value) ? (arrayLiteral(value) ?? (value as unknown)) : value));
  const result = await client.query({ name, text, values });
  return result.rows as Row[];
}
