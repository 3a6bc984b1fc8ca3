import pg from 'pg';
import { breachIdOf, formatInstant } from '#libs/kernel';
import { TOPICS } from '#libs/contracts';
import { until } from './infrastructure.js';
import { kindsOf, type Said, type TimerWorld } from './timer-world.js';
import { HOUR_MS, kinds, last, MINUTE_MS, promiseOf, Traps } from './traps.js';

/** The traps of outages and silence (sla-engine-pains.md, 4.4), each under its id, on real parts. */
let traps: Traps;
let world: TimerWorld;
beforeAll(async () => {
  traps = await Traps.set();
  world = traps.world;
}, 120_000);
afterAll(() => world.close(), 60_000);

describe('IDLE: nobody says anything', () => {
  it('IDLE-1: without any event a breach comes at due and allowance, by ticks alone', async () => {
    const at = await traps.morning();
    await world.facts([traps.opened('idle-1', at(9), at(10))], at(9));
    await world.ticks(at(9, 1), at(10, 6));
    await world.drained();
    const said = await world.said('idle-1');
    expect(kindsOf(said)).toEqual(['opened', 'overdue', 'breached']);
    expect(last(said).decidedAt).toBe(formatInstant(at(10, 5)));
  }, 180_000);

  it('IDLE-2: while the source is silent it is unknown, not missed; back in time it is kept', async () => {
    const at = await traps.morning();
    await world.facts([traps.opened('idle-2', at(9), at(10)), traps.opened('idle-2-late', at(9), at(10))], at(9));
    await world.ticks(at(9, 1), at(9, 40));
    await world.ticks(at(9, 41), at(10, 30), { silent: [{ source: 'trap/scanner' }] });
    await world.drained();
    const silent = await world.said('idle-2');
    expect(kindsOf(silent)).toEqual(['opened', 'overdue', 'unknown']);
    expect(last(silent).decidedAt).toBe(formatInstant(at(10, 5)));
    expect(await traps.lines('idle-2')).toEqual([]);
    await world.ticks(at(10, 31), at(10, 32));
    await world.facts([traps.fact('trap.done', 'idle-2', at(9, 58))], at(10, 32, 10));
    await world.ticks(at(10, 33), at(11));
    await world.drained();
    expect(last(await world.said('idle-2'))).toMatchObject({ verdict: 'kept', completedAt: formatInstant(at(9, 58)) });
    expect(await traps.lines('idle-2')).toEqual([]);
    // For the other one nothing came: allowance and grace after the source was back it is missed.
    const missed = await world.said('idle-2-late');
    expect(kindsOf(missed)).toEqual(['opened', 'overdue', 'unknown', 'breached']);
    expect(kinds(await traps.lines('idle-2-late'))).toEqual(['refund.requested']);
  }, 180_000);
});

describe('a database that hardly answers', () => {
  it('delays verdicts and makes none up; what waits is seen as lag', async () => {
    const at = await traps.morning();
    await world.facts([traps.opened('slow', at(9), at(10)), traps.opened('slow-late', at(9), at(10))], at(9));
    await world.ticks(at(9, 1), at(9, 50));
    await world.drained();
    const client = new pg.Client({ connectionString: world.databaseUrl });
    await client.connect();
    try {
      await client.query('begin; lock table sla_timer.subject in access exclusive mode');
      await world.facts([traps.fact('trap.done', 'slow', at(9, 59, 30))], at(9, 59, 40));
      await world.ticks(at(10), at(10, 40));
      await until('lag of sla-timer', async () => (await lag()) > 0 || null);
      expect(kindsOf(await world.said('slow'))).toEqual(['opened']);
      expect(kindsOf(await world.said('slow-late'))).toEqual(['opened']);
      expect((await world.http('sla-timer', '/health/live')).status).toBe(200); // nobody starts it anew for that
    } finally {
      await client.end();
    }
    await world.drained();
    expect(kindsOf(await world.said('slow'))).toEqual(['opened', 'kept']);
    expect(kindsOf(await world.said('slow-late'))).toEqual(['opened', 'overdue', 'breached']);
    expect(last(await world.said('slow-late')).decidedAt).toBe(formatInstant(at(10, 5)));
    await until('no lag', async () => (await lag()) === 0 || null);
  }, 180_000);
});

/** Records that sla-timer has not applied, as Prometheus sees it. */
async function lag(): Promise<number> {
  const text = await (await world.http('sla-timer', '/metrics')).text();
  return Number(/^makegood_lag_records\{topic="makegood.events.v1"\} (\d+)$/m.exec(text)?.[1]);
}

describe('DOWN: the service is away', () => {
  it('DOWN-1: what lay unread in the log counts before any verdict: no breach, ever', async () => {
    const at = await traps.morning();
    await world.facts([traps.opened('down-1', at(9), at(10))], at(9));
    await world.ticks(at(9, 1), at(9, 55));
    await world.drained();
    await world.kill('sla-timer');
    await world.ticks(at(9, 56), at(10));
    await world.facts([traps.fact('trap.done', 'down-1', at(9, 59, 30))], at(10, 0, 10));
    await world.ticks(at(10, 1), at(10, 40));
    await world.start('sla-timer');
    await world.drained();
    expect(kindsOf(await world.said('down-1'))).toEqual(['opened', 'kept']);
    expect(await traps.lines('down-1')).toEqual([]);
  }, 180_000);

  it('DOWN-2: late is measured by the facts, not by when the service was back', async () => {
    const at = await traps.morning();
    await world.facts([traps.opened('down-2', at(9), at(10))], at(9));
    await world.ticks(at(9, 1), at(9, 55));
    await world.drained();
    await world.kill('sla-timer');
    await world.ticks(at(9, 56), at(10, 5));
    await world.facts([traps.fact('trap.done', 'down-2', at(10, 5))], at(10, 5, 10));
    await world.ticks(at(10, 6), at(10, 40));
    await world.start('sla-timer');
    await world.drained();
    const said = await world.said('down-2');
    expect(kindsOf(said).filter((kind) => kind === 'breached')).toHaveLength(1);
    expect(last(said)).toMatchObject({
      verdict: 'breached',
      dueAt: formatInstant(at(10)),
      completedAt: formatInstant(at(10, 5)),
      latenessMs: 5 * MINUTE_MS,
      breachId: breachIdOf(promiseOf('down-2')),
    });
    expect(kinds(await traps.lines('down-2'))).toEqual(['refund.requested']); // no credit of half an hour
  }, 180_000);

  it('DOWN-4: a database restored from before the breach tells it again in the same bytes, and nothing is paid twice', async () => {
    const at = await traps.morning();
    await world.facts([traps.opened('down-4', at(9), at(10))], at(9));
    await world.ticks(at(9, 1), at(9, 50));
    await world.drained();
    await world.kill('sla-timer');
    const backup = await backupOf(world.databaseUrl);
    await world.start('sla-timer');
    await world.ticks(at(9, 51), at(11));
    await world.drained();
    const before = await world.said('down-4');
    expect(kindsOf(before)).toEqual(['opened', 'overdue', 'breached']);
    await world.kill('sla-timer');
    await world.start('sla-timer', 'sla-timer', backup);
    await world.drained();
    const all = (await world.topic(TOPICS.promises)).filter(({ subject }) => subject === 'down-4');
    const bytes = new Map<string, Set<string>>();
    for (const { offset: _o, partition: _p, ...event } of all)
      bytes.set(event.id, (bytes.get(event.id) ?? new Set()).add(JSON.stringify(event)));
    expect(all.length).toBeGreaterThan(before.length); // the breach was told twice
    expect([...bytes.values()].map((each) => each.size)).toEqual(before.map(() => 1));
    expect(kinds(await traps.lines('down-4'))).toEqual(['refund.requested']);
    await world.kill('sla-timer');
    await world.start('sla-timer');
    await world.drained();
  }, 300_000);

  it('DOWN-3: after three days 20,000 promises fire once each, in order of due, with facts in between', async () => {
    const at = await traps.morning();
    const count = 20_000;
    const dueOf = (i: number): number => at(10) + i * 10_000;
    const crowd = Array.from({ length: count }, (_, i) => traps.opened(`down-3-${i}`, at(9), dueOf(i)));
    await world.facts(crowd, at(9));
    await world.ticks(at(9, 1), at(9, 30));
    await world.drained(undefined, 240_000);
    await world.kill('sla-timer');
    await world.ticks(at(9, 31), at(9 + 72), { everyMs: HOUR_MS }); // in nobody's presence
    await world.facts([traps.fact('trap.done', `down-3-${count - 1}`, at(9, 45))], at(9 + 72, 0, 1));
    await world.start('sla-timer');
    await world.drained(undefined, 240_000);
    const breached = (await world.topic(TOPICS.promises)).filter(
      ({ type, subject }) => type === 'makegood.promise.breached' && subject.startsWith('down-3-'),
    ) as unknown as Said[];
    // The last was kept in time, and word of it came after its due: it is the one that is retracted.
    expect(breached).toHaveLength(count);
    expect(new Set(breached.map(({ subject }) => subject)).size).toBe(count);
    for (const { data } of breached) expect(data.decidedAt).toBe(formatInstant(Date.parse(data.dueAt) + 5 * MINUTE_MS));
    expect(kindsOf(await world.said(`down-3-${count - 1}`)).at(-1)).toBe('retracted');
  }, 600_000);
});

/** A copy of the whole database as it is now, under another name: what a backup restores. */
async function backupOf(databaseUrl: string): Promise<string> {
  await world.kill('compensation'); // a copy needs the database for itself
  const url = new URL(databaseUrl);
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await until('nobody to be connected', async () => {
      const { rows } = await client.query('select 1 from pg_stat_activity where datname = $1', [name]);
      return rows.length === 0;
    });
    await client.query(`create database ${name}_backup template ${name}`);
  } finally {
    await client.end();
  }
  await world.start('compensation');
  url.pathname = `/${name}_backup`;
  return url.href;
}
