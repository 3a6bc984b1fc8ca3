import { targetFile } from './direction-rules.js';
import { exportsOf, unreachableFiles, unusedExports } from './export-scan.js';
import { sourcesBelow } from './source-files.js';

const KERNEL = 'libs/kernel/src/index.ts';

/** Libraries whose users are still to come, and why; a line here has to go when it is no longer needed. */
const USERS_TO_COME: Readonly<Record<string, string>> = {
  calendar: 'working time and business days: taken by the due terms of guarantees and by the engine, which come next',
  'loyalty-model': 'the whole model is there; its worked cases, calibration and back-test get their commands later',
};

describe('dead code in this tree', () => {
  const sources = sourcesBelow('apps', 'libs', 'bench', 'test');
  const libraryOf = (line: string): string => line.split(':')[0] as string;

  it('every export of a library is taken by someone outside it', () => {
    expect(unusedExports(sources).filter((line) => !(libraryOf(line) in USERS_TO_COME))).toEqual([]);
  });

  it('what waits for users still does', () => {
    const waiting = new Set(unusedExports(sources).map(libraryOf));
    expect(Object.keys(USERS_TO_COME).filter((library) => !waiting.has(library))).toEqual([]);
  });

  it('every file is reached from a start, a front door or a test', () => {
    const isRoot = (file: string): boolean =>
      /^apps\/[^/]+\/src\/main\.ts$|\/thread\/publish-thread\.ts$|^libs\/[^/]+\/src\/index\.ts$|\.spec\.ts$|^(bench|test)\//.test(
        file,
      );
    expect(unreachableFiles(sources, [...sources.keys()].filter(isRoot), targetFile)).toEqual([]);
  });
});

describe('the search for dead code finds what is planted', () => {
  const library = (money: string, user: string): ReadonlyMap<string, string> =>
    new Map([
      [KERNEL, "export * from './money.js';\nexport { parse as parseInstant } from './instant.js';"],
      ['libs/kernel/src/money.ts', money],
      ['libs/kernel/src/instant.ts', 'export function parse() {}\nexport function hidden() {}'],
      ['apps/intake/src/main.ts', user],
    ]);

  it('an export that nobody takes', () => {
    const sources = library(
      'export const add = 1, sub = 2;\nexport class Purse {}',
      "import { add } from '#libs/kernel';",
    );
    expect(unusedExports(sources)).toEqual([
      'kernel: sub (libs/kernel/src/money.ts)',
      'kernel: Purse (libs/kernel/src/money.ts)',
      'kernel: parseInstant (libs/kernel/src/instant.ts)',
    ]);
  });

  it('an export that only its own library takes', () => {
    const sources = new Map(library('export const add = 1;', "import { parseInstant } from '#libs/kernel';"));
    sources.set('libs/kernel/src/money.spec.ts', "import { add } from './money.js';");
    expect(unusedExports(sources)).toEqual(['kernel: add (libs/kernel/src/money.ts)']);
  });

  it('a type that nothing mentions, but not one that shapes another', () => {
    const code =
      '/** Money, Lost. */\nexport interface Money { unit: Unit }\nexport type Unit = 1;\nexport type Lost = 2;';
    const sources = library(
      code,
      "import { parseInstant } from '#libs/kernel';\nimport type { Money } from '#libs/kernel';",
    );
    expect(unusedExports(sources)).toEqual(['kernel: Lost (libs/kernel/src/money.ts)']);
  });

  it('a file that nothing leads to', () => {
    const sources = new Map(library('export const add = 1;', "import { add } from '#libs/kernel';"));
    sources.set('libs/kernel/src/forgotten.ts', "import { add } from './money.js';");
    expect(unreachableFiles(sources, ['apps/intake/src/main.ts'], targetFile)).toEqual([
      'libs/kernel/src/forgotten.ts',
    ]);
  });

  it('exports in every form', () => {
    const code =
      'export function a() {}\nexport const b = 1;\nexport enum C { x }\nexport interface D {}\nconst e = 1;\nexport { e as f };';
    const found = exportsOf('a.ts', new Map([['a.ts', code]]));
    expect(found.map((one) => `${one.name}${one.typeOnly ? ' (type)' : ''}`)).toEqual(['a', 'b', 'C', 'D (type)', 'f']);
  });
});
