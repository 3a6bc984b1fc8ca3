import pg from 'pg';
import { partitionOf, TOPICS, type CloudEvent } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { MovedShard } from '#libs/shard-log';
import { GUARANTEE, HOUR_MS, MINUTE_MS } from './traps.js';
import { until } from './infrastructure.js';
import { kindsOf, TimerWorld, type Said } from './timer-world.js';

const SHARDS = 12;
const START_MS = Date.UTC(2026, 8, 1, 9);
/** At least so many, and on until all shards are where they shall be. */
const [WAVES_MIN, MOVES_AFTER, SUBJECTS_PER_WAVE] = [12, 4, 240];
/** One of main's and one of north's change places while events flow, and one goes out and back. */
const MOVES = [
  { shard: 2, to: 'north' },
  { shard: 8, to: 'main' },
  { shard: 3, to: 'north' },
  { shard: 3, to: 'main' },
];
/** Whoever writes faster than is read makes a flood, in which nothing is quick, a move neither. */
const RECORDS_BEHIND_MAX = 3_000;
const LIVE_IN_NORTH = [2, 6, 7, 9, 10, 11];

/** Two databases of one PostgreSQL server carry the shards of sla-timer, which runs in two instances. */
let world: TimerWorld;
let north: pg.Client;
let main: pg.Client;
let facts = 0;
const subjects: string[] = [];
const known = new Set<string>();

beforeAll(async () => {
  world = await TimerWorld.open();
  main = new pg.Client({ connectionString: world.databaseUrl });
  await main.connect();
  await main.query('create database north');
  const url = new URL(world.databaseUrl);
  url.pathname = '/north';
  north = new pg.Client({ connectionString: url.href });
  await north.connect();
  const env = { DATABASE_URLS: `north:6-11=${url.href}` };
  await world.start('sla-timer', 'sla-timer', world.databaseUrl, env);
  await world.start('sla-timer', 'second', world.databaseUrl, env);
  await world.activate({ 'guarantees/trap.yaml': GUARANTEE }, START_MS - HOUR_MS);
  await world.ticks(START_MS - MINUTE_MS, START_MS);
}, 120_000);
afterAll(async () => {
  await Promise.all([main.end(), north.end()]);
  await world.close();
}, 60_000);

const fact = (type: string, subject: string, atMs: number, data: object = {}): CloudEvent<unknown> => ({
  ...{ specversion: '1.0', id: `f-${++facts}`, source: 'trap/scanner', type, subject },
  ...{ time: formatInstant(atMs), data },
});
const isKept = (subject: string): boolean => Number(subject.slice(subject.lastIndexOf('-') + 1)) % 3 !== 0;
/** Promises that are due within the hour; the two thirds that are kept are done two waves later. */
async function wave(n: number, isOpening: boolean): Promise<void> {
  const atMs = START_MS + n * 10 * MINUTE_MS;
  const names = (of: number): string[] => Array.from({ length: SUBJECTS_PER_WAVE }, (_, i) => `s-${of}-${i}`);
  const opened = isOpening ? names(n) : [];
  const done = names(n - 2).filter((subject) => known.has(subject) && isKept(subject));
  for (const subject of opened) known.add(subject);
  subjects.push(...opened);
  const fee = { amountMinor: 490, currency: 'EUR' };
  await world.facts(
    [
      ...opened.map((subject) =>
        fact('trap.opened', subject, atMs, {
          ...{ customer: `c-${subject}`, fee, region: 'north', dueAt: formatInstant(atMs + HOUR_MS) },
        }),
      ),
      ...done.map((subject) => fact('trap.done', subject, atMs)),
    ],
    atMs,
  );
  await world.ticks(atMs + MINUTE_MS, atMs + 9 * MINUTE_MS);
}

async function isKeepingUp(): Promise<true | null> {
  type Place = { readonly next: number; readonly end: number };
  const { shards } = await world.json<{ shards: { topics: Record<string, Place> }[] }>('sla-timer', '/progress');
  const behind = shards.map(({ topics: { [TOPICS.events]: at } }) => (at ? at.end - at.next : 0));
  return behind.reduce((sum, records) => sum + records, 0) <= RECORDS_BEHIND_MAX || null;
}

it('a shard is moved while events flow: each verdict comes once, in its order, wherever its shard lives', async () => {
  const moved: MovedShard[] = [];
  let isMoving = true;
  const moveAll = async (): Promise<void> => {
    for (const { shard, to } of MOVES)
      moved.push(await world.json<MovedShard>('second', `/shards/${shard}/move`, { to, reason: 'test' }));
    isMoving = false;
  };
  let moving: Promise<void> | null = null;
  let n = 0;
  for (; n < WAVES_MIN || isMoving; n++) {
    await wave(n, true);
    await until('sla-timer to keep up', isKeepingUp);
    if (n !== MOVES_AFTER) continue;
    await world.drained(['sla-timer']);
    moving = moveAll();
  }
  await moving;
  for (let more = 0; more < 8; more++) await wave(n++, false);
  await world.drained(['sla-timer', 'second'], 60_000);
  expect(moved.map(({ shard, from }) => [shard, from])).toEqual(
    MOVES.map(({ shard, to }) => [shard, to === 'main' ? 'north' : 'main']),
  );
  expect(moved.every(({ rows }) => rows > 100)).toBe(true);
  console.log(
    moved
      .map(({ shard, from, rows, stoodStillMs }) => `shard ${shard} from ${from}: ${rows} rows, ${stoodStillMs} ms`)
      .join('; '),
  );

  const about = ((await world.topic(TOPICS.promises)) as unknown as Said[]).filter(({ type }) =>
    type.startsWith('makegood.promise.'),
  );
  const bySubject = new Map<string, Said[]>(subjects.map((subject) => [subject, []]));
  for (const said of about) bySubject.get(said.subject)?.push(said);
  for (const [subject, said] of bySubject) {
    const wanted = isKept(subject) ? ['opened', 'kept'] : ['opened', 'overdue', 'breached'];
    expect([subject, ...kindsOf(said)]).toEqual([subject, ...wanted]); // as they stand in the topic: none twice
    expect(said.map(({ data }) => data.sequence)).toEqual(said.map((_, i) => i + 1));
  }
  expect(subjects.length).toBeGreaterThanOrEqual(WAVES_MIN * SUBJECTS_PER_WAVE);
}, 180_000);

it('rows are in the database of their shard and nowhere else', async () => {
  const shardsIn = async (client: pg.Client, table: string): Promise<number[]> => {
    const { rows } = await client.query<{ shard: number }>(
      `select distinct shard from sla_timer.${table} order by shard`,
    );
    return rows.map(({ shard }) => shard);
  };
  const inMain = Array.from({ length: SHARDS }, (_, shard) => shard).filter((shard) => !LIVE_IN_NORTH.includes(shard));
  for (const table of ['subject', 'promise', 'shard_offset', 'shard_clock'])
    expect([table, await shardsIn(main, table), await shardsIn(north, table)]).toEqual([table, inMain, LIVE_IN_NORTH]);
  const { shards } = await world.json<{ shards: { shard: number; database: string }[] }>('second', '/shards/places');
  expect(shards.filter(({ database }) => database === 'north').map(({ shard }) => shard)).toEqual(LIVE_IN_NORTH);
});

it('who asks across subjects is answered from both databases, page by page; who asks about one is answered by its own', async () => {
  const listed: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const path: string = `/promises?limit=250${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const page = await world.json<{ promises: { promiseId: string; subject: string }[]; cursor: string | null }>(
      'second',
      path,
    );
    listed.push(...page.promises.map(({ subject }) => subject));
    cursor = page.cursor;
  }
  expect([...listed].sort()).toEqual([...subjects].sort());
  for (const shard of [2, 8, 0]) {
    const subject = subjects.find((each) => partitionOf(each, SHARDS) === shard) as string;
    const { promises } = await world.json<{ promises: { promiseId: string }[] }>(
      'sla-timer',
      `/promises?subject=${subject}`,
    );
    expect(promises).toHaveLength(1);
    const detail = await world.json<{ promise: { verdict: string } }>(
      'sla-timer',
      `/promises/${promises[0]?.promiseId}`,
    );
    expect(detail.promise.verdict).toBe(isKept(subject) ? 'kept' : 'breached');
  }
  const { attainment } = await world.json<{ attainment: Record<string, number>[] }>('second', '/attainment');
  const kept = subjects.filter(isKept).length;
  expect(attainment).toEqual([
    expect.objectContaining({ promises: subjects.length, kept, breached: subjects.length - kept }),
  ]);
});

it('verdicts of both are what their facts say', async () => {
  let checked = 0;
  for (let cursor: string | null = ''; cursor !== null;) {
    const path: string = `/self-check?limit=200&cursor=${encodeURIComponent(cursor)}`;
    const page = await world.json<{ checked: number; findings: unknown[]; next: string | null }>('sla-timer', path);
    expect(page.findings).toEqual([]);
    checked += page.checked;
    cursor = page.next;
  }
  expect(checked).toBe(subjects.length);
});
