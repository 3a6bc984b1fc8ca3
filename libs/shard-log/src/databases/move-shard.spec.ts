import { PGlite, types } from '@electric-sql/pglite';
import type { Database, Sql } from '#libs/persistence';
import { PARKED_TABLES } from '../parked-sql.js';
import { NO_EFFECTS } from '../processor.js';
import { FencedError, ShardCommits } from '../shard-commit.js';
import type { OwnedShard, ShardLogOptions } from '../shard-owner.js';
import { ADVANCE_OFFSET, CLAIM_OFFSETS, CLAIM_SHARD } from '../sql.js';
import { SHARD_HALT_TABLES, SHARD_LOG_TABLES, SHARD_MOVE_TABLES } from '../tables.js';
import { moveShard, type MovedShard } from './move-shard.js';
import { ShardDatabases } from './shard-databases.js';

const STATE = `
create table state (shard integer not null, key text not null, n bigint not null, doc jsonb, bytes bytea, primary key (shard, key));
create table terms (hash text primary key, text text not null);`;
const clock = { nowMs: () => Date.now(), sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 1)) };

interface Interruption {
  readonly when: 'begin' | 'before' | 'after';
  /** 1: at the next transaction. */
  countdown: number;
  readonly act: () => Promise<void>;
}

/** A database in memory that can be interrupted before a transaction, and around its commit. */
class Memory {
  interruption: Interruption | null = null;
  private constructor(readonly pg: PGlite) {}

  static async start(): Promise<Memory> {
    const pg = await PGlite.create({ parsers: { [types.INT8]: Number } });
    await pg.exec(SHARD_LOG_TABLES + SHARD_HALT_TABLES + PARKED_TABLES + SHARD_MOVE_TABLES + STATE);
    return new Memory(pg);
  }

  async rows<T>(text: string, params: unknown[] = []): Promise<T[]> {
    return (await this.pg.query<T>(text, params)).rows;
  }

  crash(when: Interruption['when'], nth: number): void {
    const act = async (): Promise<void> => {
      throw new Error('crashed');
    };
    this.interruption = { when, countdown: nth, act };
  }

  private interruptedAt(): Interruption | null {
    if (this.interruption === null || --this.interruption.countdown > 0) return null;
    const now = this.interruption;
    this.interruption = null;
    return now;
  }

  get database(): Database {
    const on = (sql: Pick<PGlite, 'query'>): Sql => ({
      query: async <R>(text: string, params: readonly unknown[] = []) => (await sql.query<R>(text, [...params])).rows,
    });
    const transaction = async <T>(work: (tx: Sql) => Promise<T>): Promise<T> => {
      const now = this.interruptedAt();
      if (now?.when === 'begin') await now.act();
      const done = await this.pg.transaction(async (tx) => {
        const result = await work(on(tx as never));
        if (now?.when === 'before') await now.act();
        return result;
      });
      if (now?.when === 'after') await now.act();
      return done as T;
    };
    return { ...on(this.pg), transaction } as unknown as Database;
  }
}

describe('a shard that moves to another database', () => {
  let main: Memory;
  let north: Memory;
  let databases: ShardDatabases;
  beforeAll(async () => {
    [main, north] = await Promise.all([Memory.start(), Memory.start()]);
    databases = new ShardDatabases(main.database, [{ name: 'north', database: north.database }]);
  }, 60_000);
  afterAll(async () => void (await Promise.all([main.pg.close(), north.pg.close()])));

  beforeEach(async () => {
    for (const { pg } of [main, north])
      await pg.exec('truncate shard, shard_offset, outbox, shard_halt, parked_record, state, terms');
    for (const shard of [0, 1]) await claim(main, shard);
    await main.pg.exec(`
insert into state select s, 'key ' || n, 9007199254740993 + n, jsonb_build_object('a', 1.10, 'q', E'"\\n'), '\\x00ff'
from generate_series(0, 1) s, generate_series(1, 2500) n;
insert into terms values ('h1', 'text');
insert into parked_record (shard, topic, key, record_offset, at_ms, value)
select 1, 'in', 'k', n, n, '\\x01' from generate_series(10, 1, -1) n;`);
  });

  const move = (to: string, shard = 1): Promise<MovedShard> =>
    moveShard({ databases, sharedTables: ['terms'], clock }, { shard, to });
  const claim = async ({ database }: Memory, shard: number): Promise<number> => {
    const [row] = await database.query<{ epoch: number }>(CLAIM_SHARD, [shard]);
    if (!row) throw new Error('no claim passes');
    await database.query(CLAIM_OFFSETS, [shard, row.epoch, ['in']]);
    return row.epoch;
  };
  const commit = async ({ database }: Memory, epoch: number, next: number): Promise<boolean> =>
    (await database.query(ADVANCE_OFFSET, [1, 'in', epoch, next, next + 1, 0])).length > 0;
  const stateOf = ({ pg }: Memory, shard: number) =>
    pg
      .query('select key, n::text, doc::text, bytes from state where shard = $1 order by key', [shard])
      .then((r) => r.rows);
  const whole = async (): Promise<void> => {
    const [here, there] = [await stateOf(main, 0), await stateOf(north, 1)];
    expect(there).toHaveLength(2_500);
    expect(there).toEqual(here); // as shard 0, which began alike
    expect(await stateOf(main, 1)).toEqual([]);
  };

  it('arrives whole, to the last digit and in its order, with what it rests on', async () => {
    expect(await commit(main, 1, 0)).toBe(true);
    expect(await move('north')).toMatchObject({ from: 'main', to: 'north', rows: 2_511 });
    await whole();
    expect(await north.rows('select topic, next_offset as next from shard_offset')).toEqual([{ topic: 'in', next: 1 }]);
    const parked = await north.rows<{ n: number }>(
      'select record_offset as n from parked_record order by parked_record.n',
    );
    expect(parked.map(({ n }) => n)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(await north.rows('select * from terms')).toEqual([{ hash: 'h1', text: 'text' }]);
    expect((await databases.toClaim(1)).name).toBe('north');
    expect((await databases.toClaim(0)).name).toBe('main');
  });

  it('refuses its owner of before, and whoever would claim it where it was', async () => {
    await move('north');
    expect(await commit(main, 1, 0)).toBe(false);
    await expect(claim(main, 1)).rejects.toThrow('no claim passes');
    const epoch = await claim(north, 1);
    expect(epoch).toBeGreaterThan(1);
    expect(await commit(north, epoch, 0)).toBe(true);
  });

  it('tells its owner of before that it has left, which another owner is not', async () => {
    const commits = new ShardCommits({ databases, clock } as unknown as ShardLogOptions, new Map());
    const relay = { expect: () => undefined, forget: () => undefined, enqueue: () => undefined };
    const commitOf = (shard: number): Promise<unknown> => {
      const owned = {
        shard,
        database: main.database,
        relay,
        epoch: 1,
        nextOffsets: new Map(),
        leaderEpochs: new Map(),
      };
      return commits.commit(owned as unknown as OwnedShard, { topic: 'in', nextOffset: 1 }, async () => NO_EFFECTS);
    };
    await move('north');
    await expect(commitOf(1)).rejects.toThrow('SHARD_BEING_MOVED');
    await claim(main, 0);
    await expect(commitOf(0)).rejects.toThrow(FencedError);
  });

  const CRASHES = (['before', 'after'] as const).flatMap((when) => [
    ...[1, 2, 3, 4].map((nth) => ({ where: 'main', nth, when })), // leaves, is read twice, is swept out
    ...[1, 2].map((nth) => ({ where: 'north', nth, when })), // what it rests on, and the shard itself
  ]);
  it.each(CRASHES)('goes on after a crash $when commit $nth at $where', async ({ where, nth, when }) => {
    const broken = where === 'main' ? main : north;
    broken.crash(when, nth);
    await expect(move('north')).rejects.toThrow('crashed');
    // Whatever has committed, or has not: its owner of before is refused, and what it has decided since with it.
    expect(await commit(main, 1, 0)).toBe(where === 'main' && nth === 1 && when === 'before');
    // Wherever it stands: there is one place to claim it at most, and one place to read it.
    const claimable = await databases.toClaim(1).catch(() => null);
    const read = await databases.ask<{ key: string }>(
      'select key from state where shard = 1 and shard <> all($1::integer[])',
    );
    expect(new Set(read.map(({ key }) => key)).size).toBe(read.length);
    expect(read).toHaveLength(2_500);
    if (claimable) expect(await commit(claimable.name === 'main' ? main : north, 1, 5)).toBe(false);
    await move('north');
    await whole();
    expect((await databases.toClaim(1)).name).toBe('north');
  });

  it('comes back, again and again, and what it left is not counted twice', async () => {
    for (const to of ['north', 'main', 'north', 'main', 'north'])
      expect(await move(to)).toMatchObject({ to, rows: 2_511 });
    await whole();
    expect(await move('north')).toMatchObject({ from: null, rows: 0 });
  });

  it('comes back although what it left was not dropped yet', async () => {
    main.crash('before', 4);
    await expect(move('north')).rejects.toThrow('crashed');
    expect(await stateOf(main, 1)).toHaveLength(2_500);
    await move('main');
    expect(await stateOf(main, 1)).toEqual(await stateOf(main, 0));
    expect(await stateOf(north, 1)).toEqual([]);
  });

  it('is called off by moving it to where it is', async () => {
    north.crash('before', 2);
    await expect(move('north')).rejects.toThrow('crashed');
    await expect(databases.toClaim(1)).rejects.toThrow('SHARD_BEING_MOVED');
    await move('main');
    expect((await databases.toClaim(1)).name).toBe('main');
    expect(await stateOf(main, 1)).toHaveLength(2_500);
  });

  it('is not reached any more by a copy that was on its way when it was called off', async () => {
    north.interruption = { when: 'begin', countdown: 2, act: async () => void (await move('main')) };
    await expect(move('north')).rejects.toThrow('SHARD_BEING_MOVED');
    expect((await databases.toClaim(1)).name).toBe('main');
    expect(await stateOf(north, 1)).toEqual([]);
  });

  it('is not lost when two run the command at once', async () => {
    const both = await Promise.allSettled([move('north'), move('north')]);
    expect(both.some(({ status }) => status === 'fulfilled')).toBe(true);
    await move('north');
    await whole();
  });

  it('of a database that was put back to before the move is known by its epoch', async () => {
    await move('north');
    await claim(north, 1);
    await main.pg.exec('update shard set moved_to = null, epoch = 1 where shard = 1');
    await expect(databases.toClaim(1)).rejects.toThrow('SHARD_IN_TWO_DATABASES');
    await expect(move('main')).rejects.toThrow('SHARD_IN_TWO_DATABASES');
    await move('north');
    expect((await databases.toClaim(1)).name).toBe('north');
  });

  it('does not move while a table is not known to go with it, nor to an unknown database', async () => {
    await expect(move('nowhere')).rejects.toThrow('DATABASE_UNKNOWN');
    await main.pg.exec('create table forgotten (promise text)');
    await expect(move('north')).rejects.toThrow('forgotten: no shard can be moved');
    await main.pg.exec('drop table forgotten');
    expect((await databases.toClaim(1)).name).toBe('main');
  });
});
