import { PGlite, types } from '@electric-sql/pglite';
import { LETTER_TYPE } from '#libs/contracts';
import { publisherOver, type LogReader, type LogRecord, type RecordBatch } from '#libs/messaging';
import type { Database, Sql } from '#libs/persistence';
import { deadLetterIdOf } from './dead-letters.js';
import { MAIN, ShardDatabases } from './databases/shard-databases.js';
import { OutboxRelay } from './outbox-relay.js';
import { PARKED_TABLES } from './parked-sql.js';
import { FOLLOWED_MAX } from './follow-head.js';
import { LETTER_KEY } from './parking.js';
import { NO_EFFECTS, type Effects, type ShardBatch, type ShardProcessor } from './processor.js';
import { ShardLog } from './shard-log.js';
import { SHARD_HALT_TABLES, SHARD_LOG_TABLES, SHARD_MOVE_TABLES } from './tables.js';

const TOPIC = 'in';

/** Writes what it applies, in order; fails on values in `poison` until they are taken out of it. */
class Diary implements ShardProcessor {
  readonly parks = new Set([TOPIC]);
  readonly poison = new Set<string>();
  /** Values that it refuses in words; nobody waits behind them. */
  readonly refused = new Set<string>();
  /** The database is lost once, at this value. */
  lostAt: string | null = null;

  async apply({ records }: ShardBatch, tx: Sql): Promise<Effects> {
    const bad = records.find(({ value }) => this.poison.has(value.toString()));
    if (bad) throw new Error(`cannot take ${bad.value.toString()}`);
    if (records.some(({ value }) => value.toString() === this.lostAt)) {
      this.lostAt = null;
      throw Object.assign(new Error('connection lost'), { code: 'ECONNRESET' });
    }
    await tx.query(
      'insert into diary (key, value, record_offset) select * from unnest($1::text[], $2::text[], $3::bigint[])',
      [
        records.map(({ key }) => key),
        records.map(({ value }) => value.toString()),
        records.map(({ offset }) => offset),
      ],
    );
    const rejected = records.filter(({ value }) => this.refused.has(value.toString()));
    if (rejected.length === 0) return NO_EFFECTS;
    return {
      ...NO_EFFECTS,
      rejected: rejected.map((record) => ({ record, reason: 'REFUSED', detail: record.value.toString() })),
    };
  }
}

describe('a key whose record failed', () => {
  let pg: PGlite;
  let diary: Diary;
  let log: ShardLog;
  let letters: string[];
  /** What the service writes to its own topic. */
  let words: (readonly [key: string, value: string])[];
  let end: number;

  beforeAll(async () => {
    pg = await PGlite.create({ parsers: { [types.INT8]: Number } });
    await pg.exec(SHARD_LOG_TABLES + SHARD_HALT_TABLES + SHARD_MOVE_TABLES + PARKED_TABLES);
    await pg.exec('create table diary (n serial, key text, value text, record_offset bigint)');
  }, 60_000);
  afterAll(() => pg.close());

  beforeEach(async () => {
    await pg.exec('truncate shard, shard_offset, outbox, parked_record, diary');
    [diary, letters, words, end] = [new Diary(), [], [], 0];
    log = start();
  });

  const sqlOn = (on: Pick<PGlite, 'query'>): Sql =>
    ({ query: async (text: string, params: unknown[] = []) => (await on.query(text, params)).rows }) as unknown as Sql;

  /** An instance of the service that knows only what the database knows. */
  function start(): ShardLog {
    const database = {
      ...sqlOn(pg),
      transaction: (work: (tx: Sql) => Promise<unknown>) => pg.transaction((tx) => work(sqlOn(tx as never))),
    } as unknown as Database;
    const clock = { nowMs: () => 0, sleep: async () => undefined };
    const publisher = publisherOver({
      send: async (records: readonly { topic: string; key: string; value: string }[]) => {
        letters.push(...records.filter(({ topic }) => topic === 'dlq').map(({ value }) => value));
        words.push(...records.filter(({ topic }) => topic === TOPIC).map(({ key, value }) => [key, value] as const));
        return [];
      },
      close: async () => undefined,
    });
    const reader = { offsetsOf: async () => [{ partition: 0, low: 0, high: end }] } as unknown as LogReader;
    const relay = new OutboxRelay({ database, publisher, clock, outputTopic: null, onError: () => undefined });
    const quiet = { warn: () => undefined, error: () => undefined };
    return new ShardLog({
      ...{ service: 'test', reader, clock, topics: [TOPIC], outputTopic: null },
      ...{ databases: new ShardDatabases(database), relays: new Map([[MAIN, relay]]) },
      ...{ deadLettersTopic: 'dlq', processor: diary, log: quiet },
    });
  }

  async function read(...told: readonly (readonly [key: string, value: string])[]): Promise<void> {
    const first = end;
    let retries = 0;
    const records: LogRecord[] = told.map(([key, value]) => ({
      ...{ topic: TOPIC, partition: 0, offset: end++, timestampMs: 1_000 },
      ...{ key, value: Buffer.from(value) },
    }));
    const batch: RecordBatch = {
      ...{ topic: TOPIC, partition: 0, records, fetchedOffset: first, lastOffset: end - 1, highWatermark: end },
      heartbeat: async () => undefined,
      isStale: () => retries++ > 50, // what goes on and on is a defect: end it
    };
    expect(await log.process(batch)).toEqual({ kind: 'done', nextOffset: end });
  }

  const letterAt = (offset: number): string => deadLetterIdOf('test', { topic: TOPIC, partition: 0, offset });
  const decided = (offset: number, status: 'replayed' | 'discarded') =>
    [LETTER_KEY, JSON.stringify({ type: LETTER_TYPE, data: { id: letterAt(offset), status } })] as const;
  const written = async (): Promise<string[]> =>
    (await pg.query<{ value: string }>('select value from diary order by n')).rows.map(({ value }) => value);
  const waiting = async (): Promise<number> =>
    (await pg.query<{ n: number }>('select count(*) as n from parked_record')).rows[0]?.n ?? 0;

  it('holds back later records of that key alone', async () => {
    diary.poison.add('a2');
    await read(['a', 'a1'], ['a', 'a2'], ['b', 'b1'], ['a', 'a3'], ['b', 'b2']);
    await read(['a', 'a4'], ['b', 'b3']);
    expect(await written()).toEqual(['a1', 'b1', 'b2', 'b3']);
    expect(await waiting()).toBe(3);
    expect(letters).toHaveLength(1);
  });

  it('goes on in order once the letter is replayed, with what each record was', async () => {
    diary.poison.add('a1');
    await read(['a', 'a1'], ['a', 'a2'], ['b', 'b1']);
    await read(['a', 'a3']);
    diary.poison.clear();
    await read(decided(0, 'replayed'), ['a', 'a4']);
    expect(await written()).toEqual(['b1', 'a1', 'a2', 'a3', 'a4']);
    expect(await waiting()).toBe(0);
    const { rows } = await pg.query('select record_offset as at from diary where key = $1 order by n', ['a']);
    expect(rows).toEqual([0, 1, 3, 5].map((at) => ({ at })));
  });

  it('goes on without the record when the letter is discarded', async () => {
    diary.poison.add('a1');
    await read(['a', 'a1'], ['a', 'a2'], decided(0, 'discarded'), ['a', 'a3']);
    expect(await written()).toEqual(['a2', 'a3']);
    expect(await waiting()).toBe(0);
  });

  it('waits on under a letter of its own when the replay fails again', async () => {
    diary.poison.add('a1');
    await read(['a', 'a1'], ['a', 'a2']);
    await read(decided(0, 'replayed'));
    expect(await written()).toEqual([]);
    expect(letters).toHaveLength(2);
    diary.poison.clear();
    await read(decided(0, 'replayed')); // decided before: nothing waits behind it any more
    expect(await written()).toEqual([]);
    await read(decided(2, 'replayed'));
    expect(await written()).toEqual(['a1', 'a2']);
  });

  it('has a second letter, not another content of the first, when what is replayed is refused in words', async () => {
    diary.poison.add('a1');
    await read(['a', 'a1'], ['a', 'a2'], ['b', 'b1']);
    diary.poison.clear();
    for (const value of ['a1', 'a2']) diary.refused.add(value);
    await read(decided(0, 'replayed'));
    expect(await waiting()).toBe(0);
    // The one that was the head is named by the place of the decision (3), the one that only waited by its own (1).
    expect(letters.map((text) => (JSON.parse(text) as { id: string }).id)).toEqual(
      [0, 3, 1].map((offset) => letterAt(offset)),
    );
  });

  it('stops at the next that fails, which is the one to be decided then', async () => {
    for (const value of ['a1', 'a3']) diary.poison.add(value);
    await read(['a', 'a1'], ['a', 'a2'], ['a', 'a3'], ['a', 'a4']);
    diary.poison.delete('a1');
    await read(decided(0, 'replayed'));
    expect(await written()).toEqual(['a1', 'a2']);
    expect(letters.map((text) => (JSON.parse(text) as { id: string }).id)).toEqual([letterAt(0), letterAt(2)]);
    await read(decided(2, 'discarded'));
    expect(await written()).toEqual(['a1', 'a2', 'a4']);
  });

  it('is remembered by the next owner of the shard', async () => {
    diary.poison.add('a1');
    await read(['a', 'a1']);
    log = start();
    await read(['a', 'a2'], ['b', 'b1']);
    expect(await written()).toEqual(['b1']);
    diary.poison.clear();
    log = start();
    await read(decided(0, 'replayed'));
    expect(await written()).toEqual(['b1', 'a1', 'a2']);
  });

  it('more than one transaction should take follow in parts, and what comes in between stays behind them', async () => {
    diary.poison.add('a0');
    const waitingValues = Array.from({ length: FOLLOWED_MAX + 100 }, (_, n) => `a${n}`);
    await read(...waitingValues.map((value) => ['a', value] as const));
    diary.poison.clear();
    await read(decided(0, 'replayed'));
    expect(await waiting()).toBe(100);
    log = start();
    await read(['a', 'last'], ['b', 'b1']);
    expect(await written()).toEqual([...waitingValues.slice(0, FOLLOWED_MAX), 'b1']);
    expect(words).toHaveLength(1);
    await read(...words);
    expect(await written()).toEqual([
      ...waitingValues.slice(0, FOLLOWED_MAX),
      'b1',
      ...waitingValues.slice(FOLLOWED_MAX),
      'last',
    ]);
    expect(await waiting()).toBe(0);
  });

  it('a crash while the others follow repeats all of it', async () => {
    diary.poison.add('a1');
    await read(['a', 'a1'], ['a', 'a2'], ['a', 'a3']);
    diary.poison.clear();
    diary.lostAt = 'a3'; // the database goes away once, when all but the last have been written
    await read(decided(0, 'replayed'));
    expect(diary.lostAt).toBeNull();
    expect(await written()).toEqual(['a1', 'a2', 'a3']);
    expect(await waiting()).toBe(0);
  });

  it('a customer whose key is that of letters is a customer', async () => {
    await read([LETTER_KEY, '{"type":"makegood.promise.kept"}'], [LETTER_KEY, 'no JSON']);
    expect(await written()).toHaveLength(2);
  });

  it('one poison in four hundred, mended and replayed: the end of each key is that of a clean run', async () => {
    const KEYS = 40;
    const all = Array.from({ length: 2_000 }, (_, n) => [`k${(n * 7) % KEYS}`, `v${n}`] as const);
    const poisoned = all.filter((_, n) => n % 400 === 200).map(([, value]) => value);
    for (const value of poisoned) diary.poison.add(value);
    for (let i = 0; i < all.length; i += 500) await read(...all.slice(i, i + 500));
    const keys = new Set<string>(all.filter(([, value]) => diary.poison.has(value)).map(([key]) => key));
    const others = all.filter(([key]) => !keys.has(key));
    const before = await pg.query<{ key: string }>('select key from diary');
    expect(before.rows.filter(({ key }) => !keys.has(key))).toHaveLength(others.length);
    diary.poison.clear();
    // Each open letter, until none is left: a key may have had two.
    const open = () =>
      pg.query<{ id: string }>('select letter_id as id from parked_record where letter_id is not null');
    const { rows } = await open();
    expect(rows.length).toBe(keys.size);
    await read(
      ...rows.map(
        ({ id }) => [LETTER_KEY, JSON.stringify({ type: LETTER_TYPE, data: { id, status: 'replayed' } })] as const,
      ),
    );
    expect((await open()).rows).toEqual([]);
    const { rows: end } = await pg.query<{ key: string; values: string[] }>(
      'select key, array_agg(value order by n) as values from diary group by key',
    );
    const clean = new Map<string, string[]>();
    for (const [key, value] of all) clean.set(key, [...(clean.get(key) ?? []), value]);
    expect(new Map(end.map(({ key, values }) => [key, values]))).toEqual(clean);
  }, 60_000);
});
