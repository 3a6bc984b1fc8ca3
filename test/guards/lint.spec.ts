import { Linter } from 'eslint';

/**
 * Lints planted breaches through the real eslint.config.js. A typing error there, or a later entry that resets a rule,
 * would let breaches through in silence; here it shows.
 */
const linter = new Linter({ configType: 'flat' });
const { default: config } = (await import(new URL('../../eslint.config.js', import.meta.url).href)) as {
  default: Linter.Config[];
};

/** Rules broken by `code` if it stood at `file`. A syntax error of the snippet itself would show as `null`. */
function broken(code: string, file: string): (string | null)[] {
  const messages = linter.verify(code, config, { filename: file });
  return [...new Set(messages.map((message) => message.ruleId))];
}

const SERVICE = 'apps/intake/src/events/accept-events.ts';
const CORE = 'libs/promise-engine/src/fold.ts';
const CLOCK_FILES = ['libs/clock/src/system-clock.ts', 'apps/cli/src/clock.ts'];
const CONFIG = 'apps/intake/src/config.ts';
const TEST = 'apps/intake/src/events/accept-events.spec.ts';

const lines = (count: number): string => Array.from({ length: count }, (_, i) => `  use(${i});`).join('\n');

const CLOCK_BREACHES = [
  'export const t = new Date();',
  'export const t = Date();',
  'export const t = Date.now();',
  "export const t = Date['now']();",
  'export const now = Date.now;',
  'export const t = Temporal.Now.instant();',
  'export const r = Math.random();',
  "export const r = Math['random']();",
  'setTimeout(() => undefined, 5);',
  'setInterval(() => undefined, 5);',
  'setImmediate(() => undefined);',
  'globalThis.setTimeout(() => undefined, 5);',
  'export const sleep = promisify(setTimeout);',
];

const ENVIRONMENT_BREACHES = [
  'export const url = process.env.DATABASE_URL;',
  "export const url = process['env'].DATABASE_URL;",
  'export const { env } = process;',
];

const SQL_BREACHES = [
  "export const q = 'select 1 where wake_at <= now()';",
  'export const q = `select 1 where wake_at <= now( )`;',
  'export const q = `select ${a} where wake_at <= CLOCK_TIMESTAMP()`;',
  "export const q = 'insert into t values (current_timestamp)';",
  "export const q = 'select statement_timestamp()';",
];

const ROW_BREACHES = [
  'await repository.save(row);',
  'await this.promiseRepository.save(row);',
  'await manager.save(row);',
  'await dataSource.getRepository(Row).save(row);',
  'new DataSource({ synchronize: true });',
  "new DataSource({ 'synchronize': flag });",
  'await dataSource.synchronize();',
];

describe('lint: time and chance', () => {
  it.each(CLOCK_BREACHES)('refuses %s in a service', (code) => {
    expect(broken(code, SERVICE)).toEqual(['no-restricted-syntax']);
  });

  it.each(CLOCK_BREACHES)('refuses %s in a config file', (code) => {
    expect(broken(code, CONFIG)).toEqual(['no-restricted-syntax']);
  });

  it.each(CLOCK_BREACHES)('allows %s in the clock adapters and in tests', (code) => {
    for (const file of [...CLOCK_FILES, TEST, 'test/e2e/journey.ts', 'libs/x/test/y.ts', 'bench/floor/consume.ts']) {
      expect([file, broken(code, file)]).toEqual([file, []]);
    }
  });

  it('refuses timer modules outside the clock adapters', () => {
    const code = "import { setTimeout as wait } from 'node:timers/promises';\nawait wait(5);";
    expect(broken(code, SERVICE)).toEqual(['no-restricted-imports']);
    expect(broken(code, CORE)).toEqual(['no-restricted-imports']);
    expect(broken(code, 'libs/messaging/src/consumer.ts')).toEqual(['no-restricted-imports']);
    for (const file of CLOCK_FILES) expect([file, broken(code, file)]).toEqual([file, []]);
  });

  it('allows a date made from a given instant', () => {
    expect(broken('export const text = (ms: number) => new Date(ms).toISOString();', CORE)).toEqual([]);
  });

  it.each(['process.pid', 'performance.now()', 'crypto.randomUUID()', "fetch('x')", "console.log('x')"])(
    'refuses %s in a core',
    (code) => {
      expect(broken(`export const x = ${code};`, CORE)).toEqual(['no-restricted-globals']);
    },
  );
});

describe('lint: environment', () => {
  it.each(ENVIRONMENT_BREACHES)('refuses %s outside config.ts', (code) => {
    for (const file of [SERVICE, 'apps/cli/src/commands/up.ts', ...CLOCK_FILES]) {
      expect([file, broken(code, file)]).toEqual([file, ['no-restricted-syntax']]);
    }
    expect(broken(code, CONFIG)).toEqual([]);
  });

  it('refuses the environment by the way of node:process', () => {
    const code = "import { env } from 'node:process';\nexport const url = env.DATABASE_URL;";
    expect(broken(code, SERVICE)).toEqual(['no-restricted-imports']);
    for (const file of [CONFIG, 'apps/cli/src/config.ts']) expect([file, broken(code, file)]).toEqual([file, []]);
  });
});

describe('lint: database', () => {
  it.each(SQL_BREACHES)('refuses the clock of SQL: %s', (code) => {
    for (const file of [SERVICE, CONFIG, ...CLOCK_FILES]) {
      expect([file, broken(code, file)]).toEqual([file, ['no-restricted-syntax']]);
    }
  });

  it.each(ROW_BREACHES)('refuses %s, in tests too', (code) => {
    for (const file of [SERVICE, CONFIG, TEST]) {
      expect([file, broken(code, file)]).toEqual([file, ['no-restricted-syntax']]);
    }
  });

  it('allows set-based SQL with the instant as a parameter', () => {
    const code = [
      'export const options = { synchronize: false };',
      "export const q = 'select unnest($1::uuid[]), $2::bigint as known_now';",
      'export const keep = (store: { save(n: number): void }) => store.save(1);',
    ].join('\n');
    expect(broken(code, SERVICE)).toEqual([]);
  });
});

describe('lint: imports', () => {
  it('keeps kafkajs behind libs/messaging', () => {
    for (const specifier of ['kafkajs', 'kafkajs/src/index.js']) {
      const code = `import { Kafka } from '${specifier}';\nexport const k = new Kafka({ brokers: [] });`;
      for (const file of [SERVICE, CORE, CONFIG, 'libs/shard-log/src/relay.ts', ...CLOCK_FILES]) {
        expect([file, broken(code, file)]).toEqual([file, ['no-restricted-imports']]);
      }
      for (const file of ['libs/messaging/src/kafka.ts', 'apps/cli/src/topics/topics.ts', 'bench/floor/a.ts', TEST]) {
        expect([file, broken(code, file)]).toEqual([file, []]);
      }
    }
  });
});

describe('lint: form', () => {
  it('refuses any, unused names, loose equality and postponed work', () => {
    expect(broken('export const f = (x: any) => x;', SERVICE)).toEqual(['@typescript-eslint/no-explicit-any']);
    expect(broken('const unused = 1;', SERVICE)).toEqual(['@typescript-eslint/no-unused-vars']);
    expect(broken('export const f = (x: number) => x == 1;', SERVICE)).toEqual(['eqeqeq']);
    expect(broken(`// ${'TO' + 'DO'}: later\nexport const x = 1;`, SERVICE)).toEqual(['no-warning-comments']);
  });

  it('counts a function over 70 lines, without blanks and comments', () => {
    const body = (count: number) => `export function f(use: (n: number) => void) {\n\n// why\n${lines(count)}\n}\n`;
    expect(broken(body(68), SERVICE)).toEqual([]);
    expect(broken(body(69), SERVICE)).toEqual(['max-lines-per-function']);
    expect(broken(body(69), TEST)).toEqual([]);
  });

  it('counts a file over 300 lines, in tests too', () => {
    const file = (count: number) => Array.from({ length: count }, (_, i) => `export const x${i} = ${i};`).join('\n');
    expect(broken(file(300), SERVICE)).toEqual([]);
    expect(broken(file(301), SERVICE)).toEqual(['max-lines']);
    expect(broken(file(301), TEST)).toEqual(['max-lines']);
  });

  it.each(['skip', 'only', 'todo'])('refuses a test with .%s', (word) => {
    expect(broken(`it.${word}('says a fact', () => undefined);`, TEST)).toEqual(['no-restricted-syntax']);
    expect(broken(`describe.${word}('says a fact', () => undefined);`, TEST)).toEqual(['no-restricted-syntax']);
  });

  it('refuses a lint comment that silences nothing', () => {
    const messages = linter.verify('// eslint-disable-next-line no-var\nexport const x = 1;', config, {
      filename: SERVICE,
    });
    expect(messages.map((message) => message.severity)).toEqual([2]);
  });

  it('passes a clean snippet everywhere', () => {
    const code = "import { z } from 'zod';\nexport const schema = z.object({ id: z.string() });\n";
    for (const file of [SERVICE, CORE, CONFIG, TEST, ...CLOCK_FILES]) {
      expect([file, broken(code, file)]).toEqual([file, []]);
    }
  });
});
