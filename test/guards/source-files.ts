import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const UNTRACKED = new Set(['node_modules', 'dist', '.git', '.makegood', 'coverage']);

/** Paths of all files below `folder` (relative to the project's root, with `/`), without what git ignores. */
export function filesBelow(folder: string, accept: (path: string) => boolean = () => true): string[] {
  const found: string[] = [];
  const walk = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (UNTRACKED.has(entry.name) || entry.name.endsWith('.log')) continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) found.push(relative(ROOT, path).split(sep).join('/'));
    }
  };
  if (existsSync(join(ROOT, folder))) walk(join(ROOT, folder));
  return found.filter(accept).sort();
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** TypeScript sources of the product: path → text. */
export function sourcesBelow(...folders: string[]): ReadonlyMap<string, string> {
  const paths = folders.flatMap((folder) => filesBelow(folder, (path) => path.endsWith('.ts')));
  return new Map(paths.map((path) => [path, readText(path)]));
}
