import { RULES_TYPE, type CloudEvent, type LoyaltyEvent } from '#libs/contracts';
import { daysFromMs, fold, componentsOf } from '#libs/loyalty-model';
import { DAY_MS, SAMPLE_SIGNALS, signalEvent, START_MS } from '../../apps/loyalty/src/apply-log/events-for-tests.js';
import { documentOf } from '../../apps/loyalty/src/customer-document/document.js';
import { eventsOfDocument } from '../../apps/loyalty/src/customer-document/model-events.js';
import { readRules, rulesRecords, type AppliedRules } from '../../apps/loyalty/src/rules-in-force/rules-event.js';
import { settingsUnder } from '../../apps/loyalty/src/rules-in-force/rules-in-force.js';
import { LoyaltyWorld, ShardTopics } from './loyalty-world.js';

const at = (days: number): number => START_MS + Math.round(days * DAY_MS);
const bought = (customer: string, days: number): CloudEvent =>
  signalEvent(
    'customer.purchased',
    at(days),
    { customer, order: `${customer}-${days}`, amount: { amountMinor: 900, currency: 'EUR' } },
    `${customer}-${days}`,
  );
const heard = (customer: string, days: number, value: number): CloudEvent =>
  signalEvent('customer.feedback', at(days), { customer, kind: 'nps', value }, `nps-${days}`);
const OURS = { ruleset: '2026-01-ours', purchasing: { r: 0.4, alpha: 2, a: 1.1, b: 1.9 } };

function say(topics: ShardTopics, atMs: number, rules: Pick<AppliedRules, 'ruleset' | 'purchasing'> = OURS): void {
  for (const { topic, key, value } of rulesRecords({ ...rules, atMs, reason: 'fits us better' }, 1))
    topics.take(topic, key as string, value);
}

function rulesOf(told: readonly LoyaltyEvent[]): string[] {
  return told.filter(({ type }) => type.endsWith('score-changed')).map(({ data }) => data.ruleset);
}

describe('rules put into force through the log', () => {
  let world: LoyaltyWorld;
  beforeAll(async () => {
    world = await LoyaltyWorld.open();
  }, 60_000);
  afterAll(() => world.close());

  it('count from their offset on, for what is read after them, until they are withdrawn', async () => {
    await world.clear();
    const topics = new ShardTopics();
    const regular = [0, 14, 28, 42].map((days) => bought('ann', days));
    for (const event of regular) topics.append(event);
    say(topics, at(43));
    topics.append(heard('ann', 90, 10));
    say(topics, at(91), { ruleset: null, purchasing: null });
    topics.append(heard('ann', 160, 0));
    await world.readAll(topics, 100); // also within one batch
    const named = rulesOf(topics.told);
    expect([named[0], named.includes(OURS.ruleset), named.at(-1)]).toEqual(['2026-01', true, '2026-01']);
  });

  it('give the scores of the model under these rules, in whatever order commands are heard', async () => {
    const scores: unknown[] = [];
    for (const order of [
      [0, 1],
      [1, 0],
      [0, 1, 0],
    ]) {
      await world.clear();
      const topics = new ShardTopics();
      for (const days of [0, 14, 28]) topics.append(bought('ann', days));
      for (const which of order)
        say(
          topics,
          at(29 + which),
          which === 1 ? OURS : { ruleset: 'older', purchasing: { ...OURS.purchasing, r: 9 } },
        );
      topics.append(bought('ann', 60));
      await world.readAll(topics, 1);
      const [row] = await world.customers();
      const { settings } = SAMPLE_SIGNALS;
      const under = settingsUnder(settings, { ...OURS, eventId: 'any', atMs: 0 });
      const document = documentOf(row?.['document'] as object);
      const state = fold(eventsOfDocument(document, under), daysFromMs(document.asOfMs), under.rules);
      expect(row?.['score']).toBe(componentsOf(state, under.rules).score);
      scores.push(row?.['score']);
    }
    expect(new Set(scores).size).toBe(1);
  });

  it('a nightly fit is told to every shard where signals.yaml says so, and has the name of its night', async () => {
    const settings = { ...SAMPLE_SIGNALS.settings, refit: 'apply' } as const;
    const tenant = await LoyaltyWorld.open({ ...SAMPLE_SIGNALS, settings });
    const topics = new ShardTopics();
    for (let n = 0; n < 220; n++)
      for (const visit of [0, 1, 2].slice(0, 1 + (n % 3))) topics.append(bought(`c${n}`, (n % 30) + visit * 9));
    await tenant.readAll(topics, 500);
    topics.tick('night', at(70));
    await tenant.readAll(topics, 500);
    const last = topics.of('makegood.signals.v1').at(-1);
    const event = JSON.parse(String(last?.value)) as CloudEvent;
    expect(event.type).toBe(RULES_TYPE);
    const { ruleset, purchasing } = readRules(event);
    expect(ruleset).toMatch(/^2026-01\.fit-2026-\d\d-\d\d$/);
    expect(Object.values(purchasing ?? {}).every((each) => each > 0)).toBe(true);
    topics.append(heard('c1', 71, 0));
    await tenant.readAll(topics, 500);
    expect(rulesOf(topics.told).at(-1)).toBe(ruleset);
    await tenant.close();
  });
});
