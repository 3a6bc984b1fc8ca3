import { publisherOver, type LogReader, type RecordBatch } from '#libs/messaging';
import type { Database, Sql } from '#libs/persistence';
import { MAIN, ShardDatabases } from './databases/shard-databases.js';
import { OutboxRelay } from './outbox-relay.js';
import { NO_EFFECTS, type ShardProcessor } from './processor.js';
import { ShardLog } from './shard-log.js';
import { ADVANCE_OFFSET, CLAIM_OFFSETS, CLAIM_SHARD } from './sql.js';

const TOPIC = 'in';

/** A database that says of shard 0 only how far it has been read. */
function databaseAt(nextOffset: number): Database {
  const query = async (text: string): Promise<unknown[]> => {
    if (text === CLAIM_SHARD) return [{ epoch: 7, outputOffset: 0 }];
    if (text === ADVANCE_OFFSET) return [{ ok: 1 }];
    return text === CLAIM_OFFSETS ? [{ topic: TOPIC, nextOffset }] : [];
  };
  const sql = { query } as Sql;
  return { ...sql, transaction: (work: (tx: Sql) => Promise<unknown>) => work(sql) } as unknown as Database;
}

function shardLogAt(
  nextOffset: number,
  endOfLog: number,
  database: Database = databaseAt(nextOffset),
  processor: ShardProcessor = { apply: async () => NO_EFFECTS },
): { log: ShardLog; told: string[] } {
  const told: string[] = [];
  const clock = { nowMs: () => 0, sleep: async () => undefined };
  const publisher = publisherOver({ send: async () => [], close: async () => undefined });
  const reader = { offsetsOf: async () => [{ partition: 0, low: 0, high: endOfLog }] } as unknown as LogReader;
  const log = new ShardLog({
    service: 'test',
    databases: new ShardDatabases(database),
    relays: new Map([
      [MAIN, new OutboxRelay({ database, publisher, clock, outputTopic: null, onError: () => undefined })],
    ]),
    reader,
    clock,
    topics: [TOPIC],
    outputTopic: null,
    deadLettersTopic: 'dlq',
    processor,
    log: { warn: () => undefined, error: (_, message) => void told.push(message) },
  });
  return { log, told };
}

/** Records 0 to 19, fetched when the log ended there. */
const OLD: RecordBatch = {
  topic: TOPIC,
  partition: 0,
  records: [],
  fetchedOffset: 0,
  lastOffset: 19,
  highWatermark: 20,
  heartbeat: async () => undefined,
  isStale: () => false,
};

describe('a batch that ends before our offset', () => {
  it('is old news when the log itself goes further: another owner has read it meanwhile', async () => {
    const { log, told } = shardLogAt(74, 80);
    expect(await log.process(OLD)).toEqual({ kind: 'seek', offset: 74 });
    expect(told).toEqual([]);
  });

  it('at the very end of the log is old news too', async () => {
    expect(await shardLogAt(74, 74).log.process(OLD)).toEqual({ kind: 'seek', offset: 74 });
  });

  it('stops the shard when the log went back', async () => {
    const { log, told } = shardLogAt(74, 73);
    expect(await log.process(OLD)).toEqual({ kind: 'halt' });
    expect(told).toEqual(['LOG_WENT_BACK: the shard stands still']);
  });
});

describe('what a processor may remember', () => {
  const NEWS: RecordBatch = {
    ...OLD,
    records: [{ topic: TOPIC, partition: 0, offset: 0, timestampMs: 0, key: null, value: Buffer.alloc(0) }],
    lastOffset: 0,
    highWatermark: 1,
  };

  /** A processor that writes down what it is told; the database loses the connection at a batch's first commit. */
  function watched(): { log: ShardLog; heard: string[] } {
    const heard: string[] = [];
    const real = databaseAt(0);
    let applied = 0;
    const database = {
      ...real,
      transaction: async (work: (tx: Sql) => Promise<unknown>) => {
        const done = await real.transaction(work);
        if (applied === 1) {
          applied += 1;
          throw Object.assign(new Error('connection lost'), { code: 'ECONNRESET' });
        }
        return done;
      },
    } as Database;
    const processor: ShardProcessor = {
      apply: async () => {
        applied += 1;
        heard.push('apply');
        return { ...NO_EFFECTS, committed: () => void heard.push('committed') };
      },
      forget: () => void heard.push('forget'),
    };
    return { log: shardLogAt(0, 1, database, processor).log, heard };
  }

  it('is what it is told to be committed; a commit of unknown fate makes it forget', async () => {
    const { log, heard } = watched();
    expect(await log.process(NEWS)).toEqual({ kind: 'done', nextOffset: 1 });
    expect(heard).toEqual(['forget', 'apply', 'forget', 'forget', 'apply', 'committed']);
  });

  it('is forgotten with a shard that the group has given to others', async () => {
    const { log, heard } = watched();
    await log.process(NEWS);
    log.retain([1, 2]);
    expect(heard.at(-1)).toBe('forget');
  });
});

it('outboxes are polled while the database of another is away', async () => {
  const polled: string[] = [];
  const relayOf = (name: string, isAway: boolean): OutboxRelay =>
    ({
      poll: async () => {
        polled.push(name);
        if (isAway) throw new Error('away');
        return 0;
      },
    }) as unknown as OutboxRelay;
  const relays = new Map([
    [MAIN, relayOf(MAIN, true)],
    ['north', relayOf('north', false)],
  ]);
  const log = new ShardLog({ relays } as unknown as ConstructorParameters<typeof ShardLog>[0]);
  await expect(log.pollOutboxes()).rejects.toThrow('away');
  expect(polled).toEqual([MAIN, 'north']);
});
