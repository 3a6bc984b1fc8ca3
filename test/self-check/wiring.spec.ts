import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import type { Database } from '#libs/persistence';
import {
  DATABASE,
  HEALTH_DETAIL,
  LOG_READER,
  SELF_CHECK,
  SelfCheckController,
  type HealthDetail,
  type ServiceOptions,
} from '#libs/service';
import { AppModule as Compensation } from '../../apps/compensation/src/app.module.js';
import { readConfig as compensationConfig } from '../../apps/compensation/src/config.js';
import { BooksCheck } from '../../apps/compensation/src/self-check/books-check.js';
import { AppModule as Intake } from '../../apps/intake/src/app.module.js';
import { readConfig as intakeConfig } from '../../apps/intake/src/config.js';
import { LettersController } from '../../apps/intake/src/letters/letters.controller.js';
import { AppModule as SlaTimer } from '../../apps/sla-timer/src/app.module.js';
import { readConfig as timerConfig } from '../../apps/sla-timer/src/config.js';
import { VerdictCheck } from '../../apps/sla-timer/src/self-check/verdict-check.js';
import { HouseKeepingController } from '../../libs/service/src/house-keeping.controller.js';

/** A database that has no rows. */
const database = { schema: 'public', query: async () => [], close: async () => undefined } as unknown as Database;
Object.assign(database, { transaction: (work: (tx: Database) => Promise<unknown>) => work(database) });
const reader = { offsetsOf: async () => [{ partition: 0, low: 0, high: 0 }] };

const optionsOf = (name: ServiceOptions['name'], environment: ServiceOptions['environment']): ServiceOptions => ({
  ...{ name, environment, migrations: [], topics: ['in'], outputTopic: null, concurrency: 1 },
});

/** The app's own modules with nothing behind them. */
function compile(app: DynamicModule): Promise<TestingModule> {
  return Test.createTestingModule({ imports: [app] })
    .overrideProvider(DATABASE)
    .useValue(database)
    .overrideProvider(LOG_READER)
    .useValue(reader)
    .compile();
}

describe('what services are put together with', () => {
  beforeAll(() => {
    process.env['KAFKA_BROKERS'] = '127.0.0.1:1';
    process.env['DATABASE_URL'] = 'postgres://nobody@127.0.0.1:1/none';
    process.env['MAKEGOOD_PORT'] = '1';
  });

  it('sla-timer and compensation check themselves when asked', async () => {
    for (const [app, check] of [
      [SlaTimer.forService(optionsOf('sla-timer', timerConfig())), VerdictCheck],
      [Compensation.forService(optionsOf('compensation', compensationConfig()), compensationConfig()), BooksCheck],
    ] as const) {
      const compiled = await compile(app);
      expect(compiled.get(SELF_CHECK, { strict: false })).toBeInstanceOf(check);
      const controller = compiled.get(SelfCheckController, { strict: false });
      expect(await controller.page({})).toEqual({ checked: 0, findings: [], next: null });
      await compiled.close();
    }
  }, 60_000);

  it('intake tells of its dead letters in the list, in /health and to Prometheus', async () => {
    const compiled = await compile(Intake.for(optionsOf('intake', intakeConfig()), intakeConfig()));
    const open = { count: 0, oldestAt: null, ageSeconds: 0, byReason: [] };
    const detail = compiled.get<HealthDetail>(HEALTH_DETAIL, { strict: false });
    expect(await detail()).toEqual({ deadLetters: open });
    expect(await compiled.get(LettersController, { strict: false }).list({})).toMatchObject({ letters: [], open });
    const health = await compiled.get(HouseKeepingController, { strict: false }).health();
    expect(health).toMatchObject({ status: 'not-ready' }); // no guarantees yet
    await compiled.close();
  }, 60_000);
});
