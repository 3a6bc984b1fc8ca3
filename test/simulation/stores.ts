import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import * as kit from '#libs/service';
import { stampOf, type Migration } from '../memory/memory-postgres.js';
import type { ServiceName } from './services.js';
import { Store } from './store.js';
import { makeDatabase } from './tables.js';

/** Databases made before by the same build: to load one takes a tenth of what it takes to make it. */
const MADE = fileURLToPath(new URL('../../databases', import.meta.url));

/** One database a service, opened when the first seed asks for it, and kept for the seeds after it. */
export class Stores {
  private readonly opened = new Map<ServiceName, Promise<Store>>();

  of(name: ServiceName): Promise<Store> {
    const store = this.opened.get(name) ?? openStore(name);
    this.opened.set(name, store);
    return store;
  }
}

let cluster: Promise<Blob> | null = null;

async function openStore(name: ServiceName): Promise<Store> {
  const made = await kept(name, async () => {
    cluster ??= kept('cluster', emptyCluster); // the same for all of them
    return makeDatabase(await migrationsOf(name), await cluster);
  });
  return Store.open(made);
}

async function emptyCluster(): Promise<Blob> {
  const pg = await PGlite.create();
  const dumped = await pg.dumpDataDir('none');
  await pg.close();
  return dumped as Blob;
}

/** What is there is taken; else it is made and kept for whoever runs from this build next (each planted bug does). */
async function kept(name: string, make: () => Promise<Blob>): Promise<Blob> {
  const file = join(MADE, `${name}.tar`);
  if (existsSync(file)) return new Blob([await readFile(file)]);
  const made = await make();
  await mkdir(MADE, { recursive: true });
  const unfinished = `${file}.${process.pid}`; // another process may be making it as well
  await writeFile(unfinished, Buffer.from(await made.arrayBuffer()));
  await rename(unfinished, file);
  return made;
}

async function migrationsOf(app: string): Promise<Migration[]> {
  const folder = fileURLToPath(new URL(`../../apps/${app}/src/migrations`, import.meta.url));
  const found = new Set<Migration>();
  const modules: object[] = [kit];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.js')))
    modules.push((await import(pathToFileURL(join(folder, file)).href)) as object);
  for (const module of modules)
    for (const value of Object.values(module).flat()) if (isMigration(value)) found.add(value);
  return [...found].sort((a, b) => stampOf(a) - stampOf(b));
}

function isMigration(value: unknown): value is Migration {
  const prototype = typeof value === 'function' ? (value.prototype as object | undefined) : undefined;
  return prototype !== undefined && 'up' in prototype && 'down' in prototype;
}
