import { breachesOf, cyclesOf, LIBRARIES } from './direction-rules.js';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, readText, ROOT, sourcesBelow } from './source-files.js';

const { dependencies } = JSON.parse(readText('package.json')) as { dependencies: Record<string, string> };
const AVAILABLE = Object.keys(dependencies);

/** Reasons for which `code` would be refused if it stood at `file`. */
const refused = (file: string, code: string): string[] =>
  breachesOf(file, code, AVAILABLE).map((breach) => `${breach.line} ${breach.reason}`);

const FOLD = 'libs/promise-engine/src/fold.ts';
const USE_CASE = 'apps/intake/src/events/accept.ts';

describe('direction of imports in this tree', () => {
  const sources = sourcesBelow('apps', 'libs');

  it('every import goes downwards, to what is allowed there', () => {
    const breaches = [...sources].flatMap(([file, text]) => breachesOf(file, text, AVAILABLE));
    expect(breaches.map((breach) => `${breach.file}:${breach.line}  ${breach.reason}`)).toEqual([]);
  });

  it('no import goes round in a circle', () => {
    expect(cyclesOf(sources).map((cycle) => cycle.join(' → '))).toEqual([]);
  });

  it('every library has a rule and a front door, and nothing else has one', () => {
    expect(readdirSync(join(ROOT, 'libs')).sort()).toEqual(Object.keys(LIBRARIES).sort());
    for (const name of Object.keys(LIBRARIES)) expect(sources.has(`libs/${name}/src/index.ts`)).toBe(true);
  });

  it('there is one package.json, so that #libs means the same everywhere', () => {
    expect(filesBelow('.', (path) => path.endsWith('package.json'))).toEqual(['package.json']);
  });
});

describe('direction rules refuse planted breaches', () => {
  it.each([
    ['libs/kernel/src/a.ts', "import { x } from '#libs/calendar';", 'libs/kernel may not use libs/calendar'],
    ['libs/kernel/src/a.ts', "import type { x } from '#libs/contracts';", 'libs/kernel may not use libs/contracts'],
    ['libs/calendar/src/a.ts', "import { x } from '#libs/guarantees';", 'libs/calendar may not use libs/guarantees'],
    ['libs/contracts/src/a.ts', "import type { x } from '#libs/guarantees';", 'may not use libs/guarantees'],
    ['libs/guarantees/src/a.ts', "import { x } from '#libs/promise-engine';", 'may not use libs/promise-engine'],
    [FOLD, "import { x } from '#libs/contracts';", 'libs/promise-engine may use only types of libs/contracts'],
    [FOLD, "import { x } from '#libs/remedy-engine';", 'may not use libs/remedy-engine'],
    [FOLD, "import { x } from '#libs/persistence';", 'may not use libs/persistence'],
    ['libs/remedy-engine/src/a.ts', "import { x } from '#libs/promise-engine';", 'may not use libs/promise-engine'],
    ['libs/loyalty-model/src/a.ts', "import { x } from '#libs/guarantees';", 'may not use libs/guarantees'],
  ])('%s: %s', (file, code, reason) => {
    expect(refused(file, code)).toEqual([expect.stringContaining(reason)]);
  });

  it.each(['typeorm', '@nestjs/common', 'kafkajs', 'node:fs', 'node:crypto', 'pg', 'rxjs', 'zod'])(
    'a core may not use %s, in any form',
    (name) => {
      for (const code of [
        `import x from '${name}';`,
        `import '${name}';`,
        `import type { X } from '${name}';`,
        `export * from '${name}';`,
        `export const x = await import('${name}');`,
        `export const x = require('${name}');`,
        `import x = require('${name}');`,
        `export type X = import('${name}').X;`,
      ]) {
        for (const library of ['kernel', 'calendar', 'guarantees', 'promise-engine', 'remedy-engine', 'loyalty-model'])
          expect([code, refused(`libs/${library}/src/deep/a.ts`, code).length]).toEqual([code, 1]);
      }
    },
  );

  it('of Node a core may take only what is pure, by name', () => {
    const file = 'libs/guarantees/src/a.ts';
    expect(refused(file, "import { createHash } from 'node:crypto';")).toEqual([]);
    expect(refused(file, "import { createHash, randomUUID } from 'node:crypto';")).toHaveLength(1);
    expect(refused(file, "import * as crypto from 'node:crypto';")).toHaveLength(1);
    expect(refused('libs/calendar/src/a.ts', "import { createHash } from 'node:crypto';")).toHaveLength(1);
  });

  it('libraries keep to their listed packages', () => {
    expect(refused('libs/shard-log/src/a.ts', "import { Kafka } from 'kafkajs';")).toHaveLength(1);
    expect(refused('libs/messaging/src/a.ts', "import { Client } from 'pg';")).toHaveLength(1);
    expect(refused('libs/contracts/src/a.ts', "import { readFileSync } from 'node:fs';")).toHaveLength(1);
  });

  it('no app imports an app, the command line neither, and no library imports one', () => {
    expect(refused(USE_CASE, "import { x } from '../../../loyalty/src/score.js';")).toHaveLength(1);
    expect(refused('apps/cli/src/up.ts', "import { x } from '../../intake/src/config.js';")).toHaveLength(1);
    expect(refused('apps/cli/src/up.ts', "import type { X } from '../../intake/src/config.js';")).toHaveLength(1);
    expect(refused('libs/kernel/src/a.ts', "import { x } from '../../../apps/intake/src/x.js';")).toHaveLength(1);
    expect(refused('apps/intake/test/a.ts', "import { x } from '../../loyalty/src/x.js';")).toHaveLength(1);
    expect(refused('apps/intake/src/a.spec.ts', "import { x } from '../../loyalty/src/x.js';")).toHaveLength(1);
  });

  it('libraries are entered by their front door only', () => {
    expect(refused(USE_CASE, "import { x } from '#libs/kernel/src/money.js';")).toHaveLength(1);
    expect(refused(USE_CASE, "import { x } from '../../../../libs/kernel/src/index.js';")).toHaveLength(1);
    expect(refused(USE_CASE, "import { x } from '#libs/unknown';")).toHaveLength(1);
    expect(refused('libs/new-one/src/a.ts', "import { x } from '#libs/kernel';")).toHaveLength(1);
  });

  it('apps use only packages that are there at run time, and kafkajs through messaging', () => {
    expect(refused(USE_CASE, "import fc from 'fast-check';")).toHaveLength(1);
    expect(refused(USE_CASE, "import { Kafka } from 'kafkajs';")).toHaveLength(1);
    expect(refused(USE_CASE, "import type { Kafka } from 'kafkajs';")).toHaveLength(1);
    expect(refused(USE_CASE, "import fs from 'fs';")).toHaveLength(1);
    expect(refused(USE_CASE, "import x from 'https://example.org/x.js';")).toHaveLength(1);
  });

  it('what cannot be read cannot pass', () => {
    expect(refused(USE_CASE, 'export const x = (name: string) => import(name);')).toHaveLength(1);
    expect(refused(USE_CASE, "import { x } from './sibling';")).toHaveLength(1);
    expect(refused(USE_CASE, "\n\nimport { x } from 'kafkajs';")[0]).toMatch(/^3 /);
  });

  it('finds a circle of two files and of two libraries, and none in types', () => {
    const a = 'libs/a/src/index.ts';
    const b = 'libs/b/src/index.ts';
    const sources = (ab: string, ba: string) => new Map([[a, ab], [b, ba]]); // prettier-ignore
    expect(cyclesOf(sources("import { x } from '#libs/b';", "export * from '#libs/a';"))).toEqual([[a, b, a]]);
    expect(cyclesOf(sources("import { x } from '../../b/src/index.js';", "import '#libs/a';"))).toHaveLength(1);
    expect(cyclesOf(sources("import type { X } from '#libs/b';", "import { x } from '#libs/a';"))).toEqual([]);
  });
});

describe('direction rules allow', () => {
  it.each([
    ['libs/kernel/src/ids.ts', "import { hash } from 'node:crypto';"],
    ['libs/calendar/src/a.ts', "import { Temporal } from 'temporal-polyfill';"],
    [FOLD, "import type { PromiseState } from '#libs/contracts';"],
    [FOLD, "import { type PromiseState } from '#libs/contracts';"],
    [FOLD, "import { x } from '#libs/guarantees';\nimport { y } from './states/open.js';"],
    ['libs/shard-log/src/a.ts', "import { x } from '#libs/messaging';\nimport { Pool } from 'pg';"],
    [USE_CASE, "import { Injectable } from '@nestjs/common';\nimport { x } from '#libs/promise-engine';"],
    [USE_CASE, "import type { Response } from 'express';"],
    ['apps/cli/src/tail/tail.ts', "import { Kafka } from 'kafkajs';\nimport { spawn } from 'node:child_process';"],
    ['libs/calendar/test/histories.ts', "import fc from 'fast-check';"],
    ['libs/contracts/src/partition.spec.ts', "import { Partitioners } from 'kafkajs';"],
  ])('%s: %s', (file, code) => {
    expect(refused(file, code)).toEqual([]);
  });
});
