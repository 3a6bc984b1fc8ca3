import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ProblemError } from '#libs/kernel';
import { waitFor, type Patience } from '../clock.js';
import type { ChildSpec } from './child.js';
import { databaseHome, type DatabaseHome } from './database-home.js';
import { commandLineOf, isAlive } from './process-table.js';
import { secretFile } from './secrets.js';

export const DATABASE_NAME = 'makegood';
const DATABASE_USER = 'makegood';

/**
 * An eighth of the machine's memory, up to 2 GiB: rows of open promises that do not fit are read and written out again by
 * whoever commits, some 20 µs a page. Memory that holds no page of the database is not taken from the machine.
 */
const SHARED_BUFFERS_MIB = Math.min(2_048, Math.max(128, Math.floor(totalmem() / 8 / 1_048_576)));

/**
 * The same as in docker-compose.yml and docs/operations.md, but for `shared_buffers`. `wal_compression` stays off: ids of promises are hashes, and pglz
 * took longer for a page of their index than all else that is done for an opening, and saved less than 4 % of it. Checkpoints
 * come by the clock and not by the size of the log: after each of them every page goes whole into it, so that a log which is
 * too small for its load fills itself.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: `${SHARED_BUFFERS_MIB}MB`,
  max_wal_size: '8GB',
  min_wal_size: '512MB',
  checkpoint_timeout: '10min',
  max_connections: '200',
  autovacuum_naptime: '15s',
  fsync: 'on',
  synchronous_commit: 'on',
  log_min_messages: 'warning',
  log_line_prefix: '%m [%p] ',
};

export interface DatabaseNetwork {
  /** The address that it listens on. */
  readonly host: string;
  /** Who may come: `10.77.0.0/24`. */
  readonly from: string;
}

export interface PreparedDatabase {
  readonly spec: ChildSpec;
  readonly databaseUrl: string;
  /** Where a folder had to be made outside the data dir, why; null otherwise. */
  readonly notice: string | null;
}

/** Address of a stack's embedded database, with its password. */
export function embeddedDatabaseUrl(dataDir: string, port: number): string {
  const password = secretFile(join(dataDir, 'postgres.password'));
  return `postgres://${DATABASE_USER}:${password}@127.0.0.1:${port}/${DATABASE_NAME}`;
}

/** Makes the cluster at the first start, cleans up after a kill -9, and says how to run PostgreSQL. */
export function prepareDatabase(options: {
  readonly dataDir: string;
  readonly port: number;
  readonly logFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A network, beside 127.0.0.1, that it may be reached from. */
  readonly network?: DatabaseNetwork;
}): PreparedDatabase {
  const home = databaseHome(options.dataDir);
  const password = secretFile(join(options.dataDir, 'postgres.password'));
  if (!existsSync(join(home.clusterDir, 'PG_VERSION'))) initialise(home, password);
  dropStalePidFile(home.clusterDir);
  const { network } = options;
  if (network) letIn(home.clusterDir, network.from);
  const more = network ? { listen_addresses: `127.0.0.1,${network.host}` } : {};
  const settings = Object.entries({ ...SETTINGS, ...more, port: String(options.port) });
  return {
    databaseUrl: embeddedDatabaseUrl(options.dataDir, options.port),
    notice: home.notice,
    spec: {
      name: 'database',
      command: join(home.binDir, 'postgres'),
      args: ['-D', home.clusterDir, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      env: options.env,
      cwd: '/',
      logFile: options.logFile,
      ...(home.user ? { user: home.user } : {}),
      stopSignal: 'SIGINT', // "fast" shutdown: sessions end, a checkpoint is written
      stopWithinMs: 20_000,
    },
  };
}

/** Waits until PostgreSQL answers, and makes the database `makegood` if it is not there. */
export async function awaitDatabase(databaseUrl: string, patience: Patience): Promise<void> {
  const adminUrl = new URL(databaseUrl);
  adminUrl.pathname = '/postgres';
  let found = 'no answer';
  const ready = await waitFor(
    async () => {
      try {
        await createDatabase(adminUrl.toString());
        return true;
      } catch (error) {
        found = (error as Error).message;
        return null;
      }
    },
    { ...patience, everyMs: 50 },
  );
  if (ready) return;
  throw new ProblemError({
    code: 'DATABASE_AWAY',
    detail: `PostgreSQL on ${adminUrl.host} within ${patience.withinMs / 1_000} s → ${found}`,
    advice: 'read logs/database.log in the data dir',
  });
}

async function createDatabase(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const there = await client.query('select 1 from pg_database where datname = $1', [DATABASE_NAME]);
    if (there.rowCount === 0) await client.query(`create database ${DATABASE_NAME}`);
  } finally {
    await client.end();
  }
}

function initialise(home: DatabaseHome, password: string): void {
  rmSync(home.clusterDir, { recursive: true, force: true }); // what an interrupted first start left
  mkdirSync(home.clusterDir, { recursive: true, mode: 0o700 });
  const passwordFile = `${home.clusterDir}.pw`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (home.user) for (const path of [home.clusterDir, passwordFile]) chownSync(path, home.user.uid, home.user.gid);
  chmodSync(home.clusterDir, 0o700);
  const run = spawnSync(
    join(home.binDir, 'initdb'),
    [
      '-D',
      home.clusterDir,
      '-U',
      DATABASE_USER,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ],
    { encoding: 'utf8', cwd: '/', ...(home.user ?? {}) },
  );
  rmSync(passwordFile, { force: true });
  if (run.status === 0) return;
  rmSync(home.clusterDir, { recursive: true, force: true });
  throw new ProblemError({
    code: 'DATABASE_INIT_FAILED',
    detail: `a new PostgreSQL cluster in ${home.clusterDir} → ${run.error?.message ?? run.stderr.trim().split('\n').at(-1)}`,
    advice: 'choose another folder with --data-dir, or give DATABASE_URL=postgres://…',
  });
}

function letIn(clusterDir: string, from: string): void {
  const [file, line] = [join(clusterDir, 'pg_hba.conf'), `host all all ${from} scram-sha-256\n`];
  if (!readFileSync(file, 'utf8').includes(line)) appendFileSync(file, line);
}

/**
 * PostgreSQL itself copes with the pid file of a crash, unless some other program has got that pid since (usual
 * in containers): then it would refuse to start, so the file goes.
 */
function dropStalePidFile(clusterDir: string): void {
  const file = join(clusterDir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (pid > 0 && isAlive(pid) && !commandLineOf(pid)?.includes(clusterDir)) rmSync(file);
}
