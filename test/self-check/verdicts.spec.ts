import { TOPICS } from '#libs/contracts';
import type { ServiceOptions } from '#libs/service';
import { ShardDatabases } from '#libs/shard-log';
import { PromiseLogProcessor } from '../../apps/sla-timer/src/promise-log/promise-log.processor.js';
import { MIGRATIONS } from '../../apps/sla-timer/src/migrations/index.js';
import { SHARED_TABLES } from '../../apps/sla-timer/src/promise-log/terms-store.js';
import { DocumentWords } from '../../apps/sla-timer/src/promise-log/document-words.js';
import { ANY_SUBJECT } from '../../apps/sla-timer/src/promise-log/sql.js';
import { encodeSubject, type SubjectRow } from '../../apps/sla-timer/src/promise-log/subject-document.js';
import { readSubjects } from '../../apps/sla-timer/src/promise-log/word-rows.js';
import { VerdictCheck } from '../../apps/sla-timer/src/self-check/verdict-check.js';
import { tablesToMove } from '../../libs/shard-log/src/databases/copy-shard.js';
import { ServiceInMemory } from '../parked/service-in-memory.js';
import { Random } from '../seeded/random.js';
import { SHARDS } from '../simulation/services.js';
import { makeWorkload } from '../simulation/workload.js';

const environment = {
  ...{ MAKEGOOD_SHARDS: SHARDS, MAKEGOOD_PROMISES_TOPIC: TOPICS.promises, MAKEGOOD_DEAD_LETTERS_TOPIC: 'dlq' },
  MAKEGOOD_MODE: 'live',
};
const options = { name: 'sla-timer', environment } as unknown as ServiceOptions;
type Row = { readonly promise_id: string; readonly verdict: string | null };

describe('verdicts recomputed from facts', () => {
  let world: ServiceInMemory;
  beforeAll(async () => {
    world = await ServiceInMemory.open('sla-timer', new PromiseLogProcessor(options), MIGRATIONS, [TOPICS.events]);
    // The shard 0 of a simulated log: every kind of fact, early, late, twice, in conflict, and two weeks of ticks.
    const steps = makeWorkload(new Random(5), []).filter(
      ({ record }) => record.topic === TOPICS.events && record.partition === 0,
    );
    const records = steps.map(({ atMs, record }) => ({
      ...{ key: record.key as string, value: Buffer.from(record.value), timestampMs: atMs },
    }));
    for (let i = 0; i < records.length; i += 200) await world.read(TOPICS.events, ...records.slice(i, i + 200));
  }, 120_000);
  afterAll(() => world.pg.close());

  async function all(pageRows: number) {
    const check = new VerdictCheck(new ShardDatabases(world.database));
    const [findings, ids] = [
      [] as { check: string; id: string; found: string; expected: string; lookAt: string }[],
      [0],
    ];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Awaited<ReturnType<typeof check.page>> = await check.page(cursor, pageRows, () => true);
      findings.push(...page.findings);
      ids[0]! += page.checked;
      cursor = page.next;
    }
    return { findings, checked: ids[0]! };
  }

  it('finds nothing where nothing was altered, in pages of any size', async () => {
    const [counted] = await world.rows<{ subjects: number }>(`select count(*) as subjects from ${ANY_SUBJECT} s`);
    const { subjects } = counted!;
    expect(subjects).toBeGreaterThan(10);
    expect(await all(1_000)).toEqual({ findings: [], checked: subjects });
    expect(await all(3)).toEqual({ findings: [], checked: subjects });
  });

  it('read subjects of two tables: what wakes by itself lies in one, at its instant, and what is settled in the other', async () => {
    const read = async (sql: string) =>
      readSubjects(await world.rows<SubjectRow>(sql), new DocumentWords(), world.database);
    const wakes = await world.rows<{ at: number }>('select wake_at_ms as at from subject order by subject');
    const open = await read('select subject, doc from subject order by subject');
    const settled = await read('select subject, doc from settled_subject');
    expect(open.map(({ wakeAtMs }) => wakeAtMs)).toEqual(wakes.map(({ at }) => at));
    expect(settled.filter(({ wakeAtMs }) => wakeAtMs !== null)).toEqual([]);
    expect(new Set([...open, ...settled].map(({ subject }) => subject)).size).toBe(open.length + settled.length);
    expect([open.length > 0, settled.length > 10]).toEqual([true, true]);
  });

  it('lie in tables that go with a shard when it is moved, or that every database has whole', async () => {
    const tables = await tablesToMove(world.database, SHARED_TABLES);
    expect(tables.filter(({ isByShard }) => !isByShard).map(({ name }) => name)).toEqual([...SHARED_TABLES].sort());
  });

  it('finds a verdict altered in the row that people are shown', async () => {
    const [row] = await world.rows<Row>(`select promise_id, verdict from promise where verdict = 'breached' limit 1`);
    await world.pg.query(`update promise set verdict = 'kept' where promise_id = $1`, [row!.promise_id]);
    expect((await all(50)).findings).toEqual([
      {
        ...{ check: 'promise-row', id: row!.promise_id, found: 'verdict kept', expected: 'verdict breached' },
        lookAt: `./makegood explain ${row!.promise_id}`,
      },
    ]);
    await world.pg.query(`update promise set verdict = 'breached' where promise_id = $1`, [row!.promise_id]);
  });

  it('finds a verdict altered in the document that is decided by, final or not', async () => {
    const rows = await world.rows<Row>(`select promise_id, verdict from promise where verdict in ('breached', 'kept')`);
    const chosen = ['kept', 'breached'].map((wanted) => rows.find(({ verdict }) => verdict === wanted) as Row);
    for (const { promise_id: id, verdict } of chosen) {
      const other = verdict === 'kept' ? 'breached' : 'kept';
      await alterDocument(id, other);
      const { findings } = await all(50);
      const about = findings.filter((finding) => finding.id === id && finding.check === 'verdict-from-facts');
      expect(about.map(({ found, expected }) => [found, expected])).toContainEqual([
        `verdict ${other}`,
        `verdict ${verdict}`,
      ]);
      await alterDocument(id, verdict);
      expect((await all(50)).findings).toEqual([]);
    }
  });

  async function alterDocument(promiseId: string, verdict: string | null): Promise<void> {
    const [row] = await world.rows<SubjectRow>(
      `select subject, doc from ${ANY_SUBJECT} s where doc like '%${promiseId}%'`,
    );
    const [state] = await readSubjects([row!], new DocumentWords(), world.database);
    const promises = state!.promises.map((each) =>
      each.promiseId === promiseId ? { ...each, verdict: verdict as typeof each.verdict } : each,
    );
    const doc = encodeSubject({ ...state!, promises }, null);
    for (const table of ['subject', 'settled_subject'])
      await world.pg.query(`update ${table} set doc = $2 where subject = $1`, [row!.subject, doc]);
  }
});
