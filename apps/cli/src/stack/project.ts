import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout this file runs from, whether as TypeScript (tests) or from dist. */
export const PROJECT_ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

/** Everything that makegood installs or writes by itself lies here, unless a data dir is named. */
export const MAKEGOOD_DIR = join(PROJECT_ROOT, '.makegood');

export const DEFAULT_DATA_DIR = join(MAKEGOOD_DIR, 'stack');

function findRoot(start: string): string {
  for (let dir = start; ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json'))) return dir;
    if (dir === dirname(dir)) throw new Error(`no package.json above ${start}`);
  }
}

/** The version named in deploy/kafka/pom.xml: the one place that decides it. */
export function kafkaVersion(): string {
  const pom = readFileSync(join(PROJECT_ROOT, 'deploy/kafka/pom.xml'), 'utf8');
  const version = /<kafka\.version>([^<]+)<\/kafka\.version>/.exec(pom)?.[1];
  if (!version) throw new Error('deploy/kafka/pom.xml names no kafka.version');
  return version;
}

export function kafkaLibsDir(): string {
  return join(MAKEGOOD_DIR, `kafka-${kafkaVersion()}`, 'libs');
}
