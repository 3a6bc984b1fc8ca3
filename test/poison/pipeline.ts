import { partitionOf, TOPICS, type DeadLetterEvent } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { OutgoingRecord } from '#libs/messaging';
import type { ServiceOptions } from '#libs/service';
import { createProcessor } from '../../apps/compensation/src/compensation-processor.js';
import { MIGRATIONS as MONEY_TABLES } from '../../apps/compensation/src/migrations/index.js';
import { GuaranteeTerms } from '../../apps/compensation/src/terms/guarantee-terms.js';
import { TemplateLibrary } from '../../apps/compensation/src/words/template-library.js';
import { SAMPLE_SIGNALS } from '../../apps/loyalty/src/apply-log/events-for-tests.js';
import { LoyaltyProcessor } from '../../apps/loyalty/src/apply-log/loyalty-processor.js';
import { MIGRATIONS as LOYALTY_TABLES } from '../../apps/loyalty/src/migrations/index.js';
import { MIGRATIONS as PROMISE_TABLES } from '../../apps/sla-timer/src/migrations/index.js';
import { PromiseLogProcessor } from '../../apps/sla-timer/src/promise-log/promise-log.processor.js';
import { ServiceInMemory } from '../parked/service-in-memory.js';
import { TERMS_FILES } from '../simulation/terms.js';

const environment = {
  ...{ MAKEGOOD_SHARDS: 1, MAKEGOOD_PROMISES_TOPIC: TOPICS.promises, MAKEGOOD_DEAD_LETTERS_TOPIC: 'dlq' },
  MAKEGOOD_MODE: 'live',
};
const BATCH_RECORDS = 2_000;

export interface Told {
  readonly key: string;
  readonly value: Buffer;
  readonly timestampMs: number;
}

/** sla-timer, compensation and loyalty as they are, one shard each, with topics that are lists in memory. */
export class Pipeline {
  private constructor(
    readonly timer: ServiceInMemory,
    readonly money: ServiceInMemory,
    readonly loyalty: ServiceInMemory,
  ) {}

  static async open(): Promise<Pipeline> {
    const options = { name: 'sla-timer', environment } as unknown as ServiceOptions;
    const timer = ServiceInMemory.open('sla-timer', new PromiseLogProcessor(options), PROMISE_TABLES, [TOPICS.events]);
    const settings = { shardCount: 1, routeByDefault: 'topic', hasPayouts: false, isLive: true };
    const books = createProcessor(new GuaranteeTerms(), TemplateLibrary.read('templates'), settings);
    const money = ServiceInMemory.open('compensation', books, MONEY_TABLES);
    const scores = new LoyaltyProcessor(SAMPLE_SIGNALS, options);
    const loyalty = ServiceInMemory.open('loyalty', scores, LOYALTY_TABLES);
    return new Pipeline(await timer, await money, await loyalty);
  }

  get services(): readonly ServiceInMemory[] {
    return [this.timer, this.money, this.loyalty];
  }

  async reset(): Promise<void> {
    for (const service of this.services) await service.reset();
    for (const { name, file, text, hash } of TERMS_FILES)
      await this.money.pg.query('insert into guarantee_file values ($1, $2, 1, $3, $4, $5)', [
        ...['guarantee', name, file, text, hash],
      ]);
  }

  async close(): Promise<void> {
    for (const { pg } of this.services) await pg.close();
  }

  /** Facts and ticks, and all that follows from them, in every service. */
  async read(records: readonly Told[]): Promise<void> {
    for (let i = 0; i < records.length; i += BATCH_RECORDS) {
      await this.timer.read(TOPICS.events, ...records.slice(i, i + BATCH_RECORDS));
      await this.follow();
    }
  }

  /** What intake does when somebody replays a letter. */
  async replay(service: ServiceInMemory, letter: DeadLetterEvent): Promise<void> {
    if (service !== this.timer) {
      await service.decide(letter, 'replayed');
      return this.follow();
    }
    const event = JSON.parse(letter.data.original) as { subject: string; receivedat?: string };
    const receivedAtMs = Date.parse(letter.time);
    const again = { ...event, receivedat: event.receivedat ?? formatInstant(receivedAtMs) };
    const closed = {
      ...{ specversion: '1.0', id: `closed ${letter.id}`, source: 'makegood/intake', type: 'makegood.letter' },
      ...{ subject: event.subject, time: letter.time, data: { id: letter.id, status: 'replayed' } },
    };
    const record = (value: object): Told => ({
      ...{ key: event.subject, value: Buffer.from(JSON.stringify(value)), timestampMs: this.endMs },
    });
    await this.read([record(again), record(closed)]);
  }

  /** When everything so far has been told. */
  endMs = 0;

  private async follow(): Promise<void> {
    await handOn(this.timer, TOPICS.promises, [this.money, this.loyalty]);
    await handOn(this.money, TOPICS.compensations, [this.loyalty]);
  }
}

/** Everything that a service has put on a topic, to those that read it. */
async function handOn(from: ServiceInMemory, topic: string, to: readonly ServiceInMemory[]): Promise<void> {
  const told = from.told.splice(0).filter((record) => record.topic === topic);
  if (told.some(({ key }) => partitionOf(String(key), 1) !== 0)) throw new Error('there is one partition');
  for (const service of to) if (told.length > 0) await service.read(topic, ...told.map(recordOf));
}

function recordOf({ key, value, timestampMs = 0 }: OutgoingRecord): Told {
  return { key: String(key), value: Buffer.from(value), timestampMs };
}
