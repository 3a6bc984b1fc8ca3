import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { TOPICS } from '#libs/contracts';
import { SerialProducer } from '#libs/messaging';
import { clock, waitFor } from '../clock.js';
import { readTopics } from '../topics/read-topic.js';
import { freePortBase } from './free-ports.js';
import { removeDataDir } from './database-home.js';
import { startInfrastructure, type Infrastructure } from './infrastructure.js';
import { isAlive } from './process-table.js';
import { kafkaClient } from './topics.js';

const START_MS = 120_000;

describe('the embedded broker and database', () => {
  const parent = mkdtempSync(join(tmpdir(), 'makegood-infra-')); // 0700: the database must live elsewhere
  const dataDir = join(parent, 'data');
  const pids = new Map<string, number>();
  let portBase: number;
  let infrastructure: Infrastructure | null = null;

  const start = async (): Promise<Infrastructure> => {
    const onPid = (name: string, pid: number | null): void =>
      void (pid === null ? pids.delete(name) : pids.set(name, pid));
    infrastructure = await startInfrastructure({ dataDir, portBase, mode: 'replay', onPid });
    return infrastructure;
  };

  beforeAll(async () => {
    portBase = await freePortBase();
  });
  afterAll(async () => {
    await infrastructure?.stop();
    removeDataDir(dataDir);
    rmSync(parent, { recursive: true });
  }, START_MS);

  it(
    'keep what they were given over a kill -9 and a restart, and leave no process behind',
    async () => {
      const first = await start();
      await query(first.databaseUrl, 'create table kept (n int); insert into kept values (42)');
      await produce(first.brokers, '2016-10-01T00:00:00.000Z');
      await produce(first.brokers, '2099-10-01T00:00:00.000Z');
      process.kill(pids.get('broker') as number, 'SIGKILL');
      process.kill(pids.get('database') as number, 'SIGKILL');
      const killed = [...pids.values()];
      await waitFor(() => (pids.size === 2 && ![...pids.values()].some((pid) => killed.includes(pid)) ? true : null), {
        withinMs: 30_000,
      });
      await first.stop();
      expect([...pids]).toEqual([]);
      expect(killed.filter(isAlive)).toEqual([]);

      const second = await start();
      expect(await query(second.databaseUrl, 'select n from kept')).toEqual([{ n: 42 }]);
      const values: string[] = [];
      await readTopics(
        { brokers: second.brokers, topics: [TOPICS.events], from: 'earliest', untilEnd: true },
        ({ text }) => values.push(text),
      );
      expect(values).toEqual(['2016-10-01T00:00:00.000Z', '2099-10-01T00:00:00.000Z']);
    },
    START_MS,
  );

  it('keep a century of replayed history in one segment: no fetch reads beyond the end of one', () => {
    const files = readdirSync(join(dataDir, 'kafka', `${TOPICS.events}-3`));
    expect(files.filter((name) => name.endsWith('.log'))).toHaveLength(1);
  });
});

async function query(databaseUrl: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const result = await client.query(sql);
  await client.end();
  return result.rows as unknown[];
}

async function produce(brokers: string, value: string): Promise<void> {
  const producer = new SerialProducer(kafkaClient(brokers), clock);
  await producer.send([{ topic: TOPICS.events, partition: 3, key: 'k', value, timestampMs: Date.parse(value) }]);
  await producer.close();
}
