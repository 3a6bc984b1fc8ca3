import tseslint from 'typescript-eslint';

/*
 * The project's own rules, each held by a planted breach in test/guards/lint.spec.ts. A later entry of a flat config
 * replaces `no-restricted-syntax` and `no-restricted-imports` whole, so every entry below builds its full list anew
 * from the groups that hold there: a rule is left out by name, never by accident.
 */

const TIMER = '/^set(Timeout|Interval|Immediate)$/';
const CLOCK = [
  ["NewExpression[callee.name='Date'][arguments.length=0]", 'Read time from the Clock port, never `new Date()`.'],
  ["CallExpression[callee.name='Date']", 'Read time from the Clock port, never `Date()`.'],
  ["MemberExpression[object.name='Date'][property.name='now']", 'Read time from the Clock port, never `Date.now`.'],
  ["MemberExpression[object.name='Date'][property.value='now']", 'Read time from the Clock port, never `Date.now`.'],
  ["MemberExpression[object.name='Temporal'][property.name='Now']", 'Read time from the Clock port.'],
  ["MemberExpression[object.name='Math'][property.name='random']", 'Nothing here is left to chance: no `Math.random`.'],
  ["MemberExpression[object.name='Math'][property.value='random']", 'No `Math.random`.'],
  [`CallExpression[callee.name=${TIMER}]`, 'Wait through the Clock port (`clock.sleep`).'],
  [`CallExpression > Identifier.arguments[name=${TIMER}]`, 'Wait through the Clock port (`clock.sleep`).'],
  [
    `MemberExpression[object.name=/^(globalThis|global)$/][property.name=${TIMER}]`,
    'Wait through the Clock port (`clock.sleep`).',
  ],
];
const ENVIRONMENT = [
  ["MemberExpression[object.name='process'][property.name='env']", 'Only config.ts reads `process.env`.'],
  ["MemberExpression[object.name='process'][property.value='env']", 'Only config.ts reads `process.env`.'],
  ["VariableDeclarator[init.name='process'] Property[key.name='env']", 'Only config.ts reads `process.env`.'],
];
const SQL_NOW =
  '/\\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\\s*\\(\\s*\\)|\\b(current_timestamp|localtimestamp|current_date)\\b/i';
const SQL_TIME = [
  [`Literal[value=${SQL_NOW}]`, 'Pass the instant as a parameter: SQL has no clock of its own here.'],
  [`TemplateElement[value.raw=${SQL_NOW}]`, 'Pass the instant as a parameter: SQL has no clock of its own here.'],
];
const ROW_BY_ROW = [
  ...[
    '[callee.object.name=/repo|repository|manager/i]',
    '[callee.object.property.name=/repo|repository|manager/i]',
    "[callee.object.callee.property.name='getRepository']",
  ].map((owner) => [
    `CallExpression[callee.property.name='save']${owner}`,
    'Write by set-based SQL (`unnest`), never `repository.save`: it costs ten times as much a row.',
  ]),
  ["Property[key.name='synchronize']:not([value.value=false])", 'Schemas change by numbered migrations only.'],
  ["Property[key.value='synchronize']:not([value.value=false])", 'Schemas change by numbered migrations only.'],
  ["CallExpression[callee.property.name='synchronize']", 'Schemas change by numbered migrations only.'],
];
const UNRUN_TESTS = [
  [
    'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(skip|only|todo|failing)$/]',
    'Every test runs, always.',
  ],
  ['CallExpression[callee.name=/^(xit|xtest|xdescribe|fit|fdescribe)$/]', 'Every test runs, always.'],
];

const syntax = (...groups) => ['error', ...groups.flat().map(([selector, message]) => ({ selector, message }))];

const TIMER_MODULES = ['timers', 'node:timers', 'timers/promises', 'node:timers/promises'].map((name) => ({
  name,
  message: 'Wait through the Clock port (`clock.sleep`).',
}));
const PROCESS_MODULES = ['process', 'node:process'].map((name) => ({
  name,
  importNames: ['env', 'default'],
  message: 'Only config.ts reads the environment.',
}));
const KAFKAJS = [{ regex: '^kafkajs(/|$)', message: 'kafkajs stays behind libs/messaging.' }];
const imports = ({ timers = true, environment = true, kafkajs = true }) => [
  'error',
  {
    paths: [...(timers ? TIMER_MODULES : []), ...(environment ? PROCESS_MODULES : [])],
    patterns: kafkajs ? KAFKAJS : [],
  },
];

const CORES = '{kernel,calendar,guarantees,promise-engine,remedy-engine,loyalty-model}';
const TESTS = ['**/*.spec.ts', '**/*.spec-support.ts', '**/test/**', 'bench/**'];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.makegood/**', 'coverage/**', '**/*.d.ts'] },
  {
    files: ['**/*.{ts,js,mjs,cjs}'],
    extends: [...tseslint.configs.recommended],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Nest's modules are empty classes with a decorator.
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-require-imports': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }],
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': syntax(CLOCK, ENVIRONMENT, SQL_TIME, ROW_BY_ROW),
      'no-restricted-imports': imports({}),
    },
  },
  {
    files: [`libs/${CORES}/src/**/*.ts`],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'performance', 'crypto', 'fetch', 'console', 'setTimeout', 'setInterval', 'setImmediate'].map(
          (name) => ({ name, message: 'Cores only decide: what they need is given to them.' }),
        ),
      ],
    },
  },
  {
    files: ['libs/messaging/**/*.ts', 'apps/cli/**/*.ts'],
    rules: { 'no-restricted-imports': imports({ kafkajs: false }) },
  },
  {
    files: ['libs/clock/src/system-clock.ts', 'apps/cli/src/clock.ts'],
    rules: {
      'no-restricted-syntax': syntax(ENVIRONMENT, SQL_TIME, ROW_BY_ROW),
      'no-restricted-imports': imports({ timers: false }),
    },
  },
  {
    files: ['**/config.ts'],
    rules: {
      'no-restricted-syntax': syntax(CLOCK, SQL_TIME, ROW_BY_ROW),
      'no-restricted-imports': imports({ environment: false }),
    },
  },
  {
    files: TESTS,
    rules: {
      'no-restricted-syntax': syntax(ROW_BY_ROW, UNRUN_TESTS),
      'no-restricted-imports': 'off',
      'no-restricted-globals': 'off',
      'max-lines-per-function': 'off',
    },
  },
  // This file names what it forbids.
  { files: ['eslint.config.js'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['**/*.{js,mjs,cjs}'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
