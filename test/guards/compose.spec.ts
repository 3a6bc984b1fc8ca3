import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { COMPOSE_SHAPE, composeFaults, type ComposeFile } from './compose-shape.js';
import { readText, ROOT } from './source-files.js';

const TEXT = readText('docker-compose.yml');
const load = (text: string): ComposeFile => parse(text, { merge: true }) as ComposeFile;
const compose = load(TEXT);
const fits = new Ajv2020({ strict: false }).compile(COMPOSE_SHAPE);
const SERVICES = { intake: '8081', 'sla-timer': '8082', compensation: '8083', loyalty: '8084' };

/** The file with one piece of its text replaced: a planted mistake. */
function planted(from: string | RegExp, to: string): ComposeFile {
  const changed = TEXT.replace(from, to);
  expect(changed).not.toBe(TEXT);
  return load(changed);
}

describe('docker-compose.yml', () => {
  it('has the shape of a Compose file', () => {
    expect([fits(compose), fits.errors]).toEqual([true, null]);
  });

  it('is bound to this machine, waits for what is there, writes no secret down', () => {
    expect(composeFaults(compose)).toEqual([]);
  });

  it.each(Object.entries(SERVICES))('starts %s as it is built, on port %s', (name, port) => {
    const one = compose.services[name];
    expect(one?.command?.at(-1)).toBe(`dist/apps/${name}/src/main.js`);
    expect(existsSync(join(ROOT, `apps/${name}/src/main.ts`))).toBe(true);
    expect(one?.environment).toMatchObject({ MAKEGOOD_PORT: port, KAFKA_BROKERS: 'kafka:9092' });
    expect(one?.ports).toEqual([`127.0.0.1:${port}:${port}`]);
    expect(one?.healthcheck).toMatchObject({ test: ['CMD', 'node', 'deploy/docker/healthy.mjs', port] });
    expect(one?.depends_on).toMatchObject({ topics: { condition: 'service_completed_successfully' } });
  });

  it('finds what is planted', () => {
    expect(fits(planted('healthcheck:', 'healthchek:'))).toBe(false);
    expect(fits(planted('condition: service_healthy', 'condition: healthy'))).toBe(false);
    expect(fits(planted('retries: 12', 'retries: often'))).toBe(false);
    expect(composeFaults(planted('127.0.0.1:8091:5432', '8091:5432'))[0]).toContain('not bound to 127.0.0.1');
    expect(composeFaults(planted('kafka: { condition', 'kafak: { condition'))[0]).toContain('not there');
    expect(composeFaults(planted(/restart: 'no'/g, 'restart: always'))[0]).toContain('never completes');
    expect(composeFaults(planted('postgres:18', 'postgres:latest'))).toEqual([expect.stringContaining('no version')]);
    expect(composeFaults(planted(/\n {2}postgres-data:\s*$/, '\n'))[0]).toContain('no volume');
    expect(composeFaults(planted(/POSTGRES_PASSWORD: .*/, 'POSTGRES_PASSWORD: makegood'))[0]).toContain('secret');
    expect(composeFaults(planted(/(POSTGRES_PASSWORD: \$\{\w+):\?[^}]*/, '$1:-makegood'))[0]).toContain('secret');
  });
});

describe('deploy/docker/init-env.sh', () => {
  const folder = mkdtempSync(join(tmpdir(), 'makegood-env-'));
  const file = join(folder, '.env');
  const run = (): string =>
    execFileSync('sh', [join(ROOT, 'deploy/docker/init-env.sh'), file], { encoding: 'utf8', stdio: 'pipe' });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('makes secrets for the owner alone, whose hash fits the key, and never overwrites them', () => {
    run();
    const text = readFileSync(file, 'utf8');
    const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
    const [, keyId, secret] = /^mg_([0-9a-f]{12})_([\w-]{43})$/.exec(value('MAKEGOOD_ADMIN_KEY')) ?? [];
    const hash = createHash('sha256')
      .update(secret ?? '')
      .digest('hex');
    expect(value('MAKEGOOD_BOOTSTRAP_KEY')).toBe(`${keyId}:${hash}`);
    expect(value('MAKEGOOD_DB_PASSWORD')).toMatch(/^[0-9a-f]{48}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(run).toThrow(/ENV_EXISTS/);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});
