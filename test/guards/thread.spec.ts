import { targetFile } from './direction-rules.js';
import { importsOf } from './import-scan.js';
import { sourcesBelow } from './source-files.js';

const ENTRY = 'libs/messaging/src/thread/publish-thread.ts';

/** Packages that are loaded with a file, types aside. */
function packagesOf(file: string, sources: ReadonlyMap<string, string>): string[] {
  const packages = new Set<string>();
  const reached = new Set<string>();
  const visit = (each: string): void => {
    if (reached.has(each)) return;
    reached.add(each);
    for (const { specifier, typeOnly } of importsOf(each, sources.get(each) ?? '')) {
      if (typeOnly) continue;
      const targets = targetFile(each, specifier);
      targets.forEach(visit);
      if (targets.length === 0 && !specifier.startsWith('node:')) packages.add(specifier);
    }
  };
  visit(file);
  return [...packages].sort();
}

describe('the thread that publishes', () => {
  const sources = sourcesBelow('libs');

  it('loads kafkajs and nothing else: each package is memory of every service once more', () => {
    expect(new Set(packagesOf(ENTRY, sources).map((name) => name.split('/')[0]))).toEqual(new Set(['kafkajs']));
  });

  it('would be seen to load more', () => {
    const more = new Map([...sources, [ENTRY, `import '#libs/observability';\n${sources.get(ENTRY)}`]]);
    expect(packagesOf(ENTRY, more)).toContain('prom-client');
  });
});
