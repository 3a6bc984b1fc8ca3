import pg from 'pg';
import { DEFAULT_SHARD_COUNT, TOPICS } from '#libs/contracts';
import { createKafka, LogReader } from '#libs/messaging';
import type { ServiceName } from '../../../apps/cli/src/stack/ports.js';
import { withAdmin } from '../../../apps/cli/src/stack/topics.js';
import { waitUntil } from '../pipeline/wait.js';
import { LAST_TICK_MS } from '../pipeline/workload.js';
import type { Whole } from './contenders.js';
import type { Kept } from './told.js';

const POLL_MS = 20;
const WITHIN_MS = 15 * 60_000;
const READY_WITHIN_MS = 120_000;

/** How far four processes are, asked of their tables and of the broker, so that it costs them nothing. */
export class Progress {
  private readonly reader: LogReader;

  private constructor(
    private readonly whole: Whole,
    private readonly client: pg.Client,
    private readonly brokers: string,
  ) {
    this.reader = new LogReader(createKafka({ clientId: 'makegood-bench', brokers: brokers.split(',') }));
  }

  static async open(whole: Whole, databaseUrl: string, brokers: string): Promise<Progress> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    return new Progress(whole, client, brokers);
  }

  async close(): Promise<void> {
    await this.reader.close();
    await this.client.end();
  }

  /** Resolves once each process has joined its group and nothing is left of what it reads before the first fact. */
  async untilReady(): Promise<void> {
    const { whole } = this;
    const health = whole.door.url.replace('/events', '/health/ready');
    const isUp = async (): Promise<boolean> => (await fetch(health).catch(() => null))?.status === 200;
    await this.until(isUp, `${whole.name}: intake is ready`, READY_WITHIN_MS);
    const groups = whole.members.filter(({ service }) => service !== 'intake').map(({ name }) => name);
    const kafka = createKafka({ clientId: 'makegood-bench', brokers: this.brokers.split(',') });
    await withAdmin(kafka, (admin) => {
      const haveJoined = async (): Promise<boolean> => {
        const described = await admin.describeGroups(groups).catch(() => null);
        return described?.groups.every(({ state }) => state === 'Stable') ?? false;
      };
      return this.until(haveJoined, `${whole.name}: all have joined their groups`, READY_WITHIN_MS);
    });
    if (!whole.readsActivation) return;
    await this.untilRead('sla-timer', TOPICS.events, DEFAULT_SHARD_COUNT);
    await this.untilRead('compensation', TOPICS.settlements, DEFAULT_SHARD_COUNT);
  }

  /** Resolves once everything that was posted has had all its consequences, and they are on their topics. */
  async untilSettled(): Promise<void> {
    const { table, column } = this.whole.due;
    const events = await this.endOf(TOPICS.events);
    const nothingDue = `not exists (select from ${this.schema('sla-timer')}.${table} where ${column} < ${LAST_TICK_MS})`;
    await this.untilRead('sla-timer', TOPICS.events, events);
    await this.untilTrue(nothingDue, 'nothing is due');
    await this.untilRead('sla-timer', TOPICS.events, events);
    const promises = await this.endOf(TOPICS.promises);
    await this.untilRead('compensation', TOPICS.promises, promises);
    const lines = await this.endOf(TOPICS.compensations);
    await this.untilRead('loyalty', TOPICS.promises, promises);
    await this.untilRead('loyalty', TOPICS.compensations, lines);
  }

  /** What the ledger and the customers' table say. */
  async kept(): Promise<Kept> {
    const { rows } = await this.client.query<Record<keyof Kept, string>>(`
      select (select count(*) from ${this.schema('compensation')}.ledger_entry) as "entries",
        (select coalesce(sum(amount_minor), 0) from ${this.schema('compensation')}.ledger_entry) as "entriesSumMinor",
        (select count(*) from ${this.schema('loyalty')}.customer where ${this.whole.scored}) as "customersScored"`);
    const [row] = rows;
    const of = (name: keyof Kept): number => Number(row?.[name]);
    return {
      entries: of('entries'),
      entriesSumMinor: of('entriesSumMinor'),
      customersScored: of('customersScored'),
    };
  }

  /** Read so many records of the topic, and nothing of what came of them is unpublished. */
  private untilRead(service: ServiceName, topic: string, records: number): Promise<void> {
    const schema = this.schema(service);
    const read = `(select coalesce(sum(next_offset), 0) from ${schema}.shard_offset where topic = '${topic}')`;
    const isDone = `${read} >= ${records} and not exists (select from ${schema}.outbox)`;
    return this.untilTrue(isDone, `${service} has read ${topic} and published all`);
  }

  private async untilTrue(condition: string, what: string): Promise<void> {
    const sql = `select (${condition}) as yes`;
    const isTrue = async (): Promise<boolean> => (await this.client.query<{ yes: boolean }>(sql)).rows[0]?.yes === true;
    await this.until(isTrue, `${this.whole.name}: ${what}`, WITHIN_MS);
  }

  private until(check: () => Promise<boolean>, what: string, withinMs: number): Promise<void> {
    const checkAlive = (): Promise<boolean> => {
      const gone = this.whole.members.find(({ child }) => child.exitCode !== null || child.signalCode !== null);
      if (gone)
        throw new Error(`${this.whole.name}: ${gone.service} ended before it was done; see logs/${gone.name}.log`);
      return check();
    };
    return waitUntil(checkAlive, what, withinMs, POLL_MS);
  }

  private async endOf(topic: string): Promise<number> {
    return (await this.reader.offsetsOf(topic)).reduce((sum, { high }) => sum + high, 0);
  }

  private schema(service: ServiceName): string {
    return this.whole.members.find((member) => member.service === service)?.name ?? '';
  }
}
