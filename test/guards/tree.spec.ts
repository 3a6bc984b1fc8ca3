import { importsOf } from './import-scan.js';
import { filesBelow, readText, sourcesBelow } from './source-files.js';

/** Files that people write; the lock file, pictures and archives are told apart where it matters. */
const TEXT = filesBelow('.', (path) => !/\.(png|gz|ico|woff2?|jar)$/.test(path));
const CODE = TEXT.filter((path) => /\.(ts|js|mjs|cjs|sh|sql)$/.test(path) || path === 'makegood' || path === '.ci/run');

const LINES_MAX = 300;

/** Put together here, so that this file does not name them. */
const REGISTRY_HOSTS = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['npm', 'pkg', 'github', 'com'],
  ['repo1', 'maven', 'org'],
  ['repo', 'maven', 'apache', 'org'],
  ['pypi', 'org'],
  ['docker', 'io'],
  ['ghcr', 'io'],
  ['quay', 'io'],
].map((labels) => labels.join('.'));
const RESOLVED = /"resolved":\s*"https?:/;

const namesRegistry = (text: string): string | undefined =>
  REGISTRY_HOSTS.find((host) => text.includes(host)) ?? (RESOLVED.test(text) ? 'resolved' : undefined);

/** Clocks of SQL, outside comments; kept in step with eslint.config.js, which sees only TypeScript. */
const SQL_CLOCK =
  /\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(\s*\)|\b(current_timestamp|localtimestamp|current_date)\b/i;
const readsSqlClock = (sql: string): boolean => SQL_CLOCK.test(sql.replace(/--[^\n]*/g, ''));

interface PackageJson {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly allowScripts: Record<string, boolean>;
}
interface LockFile {
  readonly packages: Record<string, { readonly hasInstallScript?: boolean }>;
}
const packageJson = JSON.parse(readText('package.json')) as PackageJson;
const lockFile = JSON.parse(readText('package-lock.json')) as LockFile;
const PACKAGES = { ...packageJson.dependencies, ...packageJson.devDependencies };

/** Packages of the lock file whose install script nobody has allowed or refused. */
function undecidedScripts(lock: LockFile, decided: Record<string, boolean>): string[] {
  const withScript = Object.entries(lock.packages).filter(([, one]) => one.hasInstallScript);
  const names = withScript.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  return [...new Set(names)].filter((name) => !(name in decided)).sort();
}

describe('the tree', () => {
  it('names no package registry, in no file and not in the lock file', () => {
    expect(TEXT.filter((path) => namesRegistry(readText(path)))).toEqual([]);
  });

  it(`holds no file of code over ${LINES_MAX} lines`, () => {
    const lineCount = (path: string): number => readText(path).split('\n').length - 1;
    expect(CODE.filter((path) => lineCount(path) > LINES_MAX).map((path) => `${path}: ${lineCount(path)}`)).toEqual([]);
  });

  it('has no folder for whatever belongs nowhere', () => {
    expect(TEXT.filter((path) => /(^|\/)(common|utils?|helpers?)(\/|\.ts$)/.test(path))).toEqual([]);
  });

  it('has no clock in its SQL files', () => {
    expect(TEXT.filter((path) => path.endsWith('.sql') && readsSqlClock(readText(path)))).toEqual([]);
  });

  it('finds what is planted', () => {
    const resolved = (url: string): string => JSON.stringify({ resolved: url }).replace(':', ': ');
    expect(namesRegistry(resolved(`https://${REGISTRY_HOSTS[0]}/x.tgz`))).toBe(REGISTRY_HOSTS[0]);
    expect(namesRegistry(resolved('https://mirror.example/x.tgz'))).toBe('resolved');
    expect(namesRegistry(resolved('file:../x'))).toBeUndefined();
    expect(readsSqlClock('update shard set at = NOW ( )')).toBe(true);
    expect(readsSqlClock('select 1 -- never now()\n where known_now > $1')).toBe(false);
    expect(CODE.length).toBeGreaterThan(10);
  });
});

describe('dependencies', () => {
  it('are pinned to one version each', () => {
    const loose = Object.entries(PACKAGES).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
  });

  it('have a line each in docs/dependencies.md, and no line is left of one that is gone', () => {
    const told = [...readText('docs/dependencies.md').matchAll(/^\| `([^`]+)`\s*\|/gm)].map((match) => match[1]);
    expect([...told].sort()).toEqual(Object.keys(PACKAGES).sort());
  });

  it('are all used by the product, or are no dependency at run time', () => {
    const product = [...sourcesBelow('apps', 'libs')].filter(([path]) => !path.endsWith('.spec.ts'));
    const used = product.flatMap(([path, text]) => importsOf(path, text).map((found) => found.specifier));
    const isUsed = (name: string): boolean =>
      used.some((specifier) => specifier === name || specifier.startsWith(`${name}/`));
    expect(Object.keys(packageJson.dependencies).filter((name) => !isUsed(name))).toEqual([]);
  });

  it('have each install script allowed or refused by name', () => {
    expect(undecidedScripts(lockFile, packageJson.allowScripts)).toEqual([]);
  });

  it('an undecided install script is found, nested ones too', () => {
    const packages = {
      '': {},
      'node_modules/a': { hasInstallScript: true },
      'node_modules/b/node_modules/@s/c': { hasInstallScript: true },
      'node_modules/d': {},
    };
    expect(undecidedScripts({ packages }, { a: false })).toEqual(['@s/c']);
  });
});
