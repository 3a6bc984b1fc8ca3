import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_SHARD_COUNT, TOPICS } from '#libs/contracts';
import { peakRssKib, rssKib } from '../../../apps/cli/src/stack/process-table.js';
import { portsOf } from '../../../apps/cli/src/stack/ports.js';
import { rehearse, type Rehearsed } from '../live/rehearse.js';
import { tableOf } from '../live/statistics.js';
import { floor, product, type Contender } from '../pipeline/contender.js';
import { producerTo } from '../pipeline/seed.js';
import { waitUntil } from '../pipeline/wait.js';
import { lineOf, openingEvent, START_MS, type LogLine } from '../pipeline/workload.js';
import { isReady, type Stage } from '../service.js';
import { note, withStage, type StageOptions } from '../stage.js';

export interface FootprintOptions extends StageOptions {
  /** Promises that are open at the same time. */
  readonly promises: number;
  readonly json: boolean;
  readonly isAlone: boolean;
}

/** What so many open promises cost. Bytes are those of the database's files, indexes and evidence included. */
interface Footprint {
  readonly promises: number;
  /** Right after reading them all, as fast as it could. */
  readonly residentMiB: number;
  readonly peakMiB: number;
  /** With nothing to do for a quarter of a minute. */
  readonly atRestMiB: number;
  readonly bytesPerPromise: number;
  /** By table and by index; only what is more than a byte a promise. */
  readonly bytesByRelation: Readonly<Record<string, number>>;
  /** Of the documents, what is evidence: facts as they were told. The rest is what a timer needs. null: of the floor. */
  readonly evidenceBytes: number | null;
  /** null: of the floor, which is not made to start anew. */
  readonly restarted: Restarted | null;
}

/** A new process at once after a kill -9. */
interface Restarted {
  /** From the kill until it calls itself ready. */
  readonly readyAfterMs: number;
  /** From the kill until a fact written after it is decided. */
  readonly decidesAfterMs: number;
  /** With all those promises open, right after that, and with nothing to do for a quarter of a minute. */
  readonly residentMiB: number;
  readonly atRestMiB: number;
}

const REST_MS = 15_000;
const OPENED_OVER_MS = 96 * 3_600_000;
/** Every promise is due after all of them are open. */
const DUE_AFTER_MS = 30 * 24 * 3_600_000;

/** `bench footprint`: memory, disk and the time to be back after a kill, with so many promises open. */
export async function footprint(options: FootprintOptions): Promise<void> {
  await withStage(options, 'replay', async (stage) => {
    const measured = { product: await footprintOf(stage, product, options.promises) };
    note(`product  ${JSON.stringify(measured.product)}`);
    if (options.isAlone) return print({ ...measured, floor: null }, options.json);
    print({ ...measured, floor: await footprintOf(stage, floor('consequences', {}), options.promises) }, options.json);
  });
}

async function footprintOf(stage: Stage, contender: Contender, promises: number): Promise<Footprint> {
  const name = `footprint_${contender.name}`;
  const run = { name, announce: 'consequences', lines: openings(promises), readWithinMs: 1_800_000 } as const;
  return rehearse(stage, contender, run, async (rehearsed) => {
    const pid = rehearsed.pid();
    const residentMiB = mib(rssKib(pid));
    const peakMiB = mib(peakRssKib(pid));
    const bytes = await bytesOf(rehearsed);
    const perPromise = Object.entries(bytes).map(([relation, of]) => [relation, Math.round(of / promises)] as const);
    return {
      promises,
      residentMiB,
      peakMiB,
      atRestMiB: await atRestMiB(rehearsed),
      bytesPerPromise: Math.round(Object.values(bytes).reduce((sum, of) => sum + of, 0) / promises),
      bytesByRelation: Object.fromEntries(perPromise.filter(([, of]) => of > 0)),
      evidenceBytes: contender.name === 'product' ? await evidenceBytesOf(rehearsed) : null,
      restarted: contender.name === 'product' ? await killed(stage, rehearsed, promises) : null,
    };
  });
}

function* openings(promises: number): Generator<LogLine> {
  for (let n = 0; n < promises; n++) yield opening(n, START_MS + Math.floor((n * OPENED_OVER_MS) / promises));
}

const opening = (n: number, atMs: number): LogLine =>
  lineOf(openingEvent(n, atMs, DUE_AFTER_MS), atMs, DEFAULT_SHARD_COUNT);

async function bytesOf({ query, schema }: Rehearsed): Promise<Record<string, number>> {
  const relations = await query<{ relation: string; bytes: string }>(`
    select c.relname as relation, case c.relkind when 'r' then pg_table_size(c.oid) else pg_relation_size(c.oid) end as bytes
    from pg_class c where c.relnamespace = '${schema}'::regnamespace and c.relkind in ('r', 'i') order by 2 desc`);
  return Object.fromEntries(relations.map(({ relation, bytes }) => [relation, Number(bytes)]));
}

/** The third member of a document is the list of its facts, see subject-document.ts. */
async function evidenceBytesOf({ query, schema }: Rehearsed): Promise<number> {
  const [row] = await query<{ bytes: string }>(
    `select round(avg(octet_length((doc::json -> 2)::text))) as bytes from ${schema}.subject tablesample system (5)`,
  );
  return Number(row?.bytes ?? 0);
}

/** Kills it, starts it, and writes one more fact at once. */
async function killed(stage: Stage, rehearsed: Rehearsed, promises: number): Promise<Restarted> {
  const producer = producerTo(stage.brokers);
  const startMs = performance.now();
  rehearsed.killAndRestart();
  await producer.send([{ topic: TOPICS.events, ...opening(promises, START_MS + OPENED_OVER_MS) }]);
  const ready = untilReady(stage, startMs);
  await waitUntil(async () => (await rehearsed.applied()) > rehearsed.seeded, 'the fact is decided', 120_000, 20);
  const decidesAfterMs = Math.round(performance.now() - startMs);
  await producer.close();
  const residentMiB = mib(rssKib(rehearsed.pid()));
  return { readyAfterMs: await ready, decidesAfterMs, residentMiB, atRestMiB: await atRestMiB(rehearsed) };
}

async function atRestMiB({ pid }: Rehearsed): Promise<number> {
  await sleep(REST_MS);
  return mib(rssKib(pid()));
}

async function untilReady(stage: Stage, startMs: number): Promise<number> {
  await waitUntil(() => isReady(portsOf(stage.portBase)['sla-timer']), 'it is ready', 120_000, 20);
  return Math.round(performance.now() - startMs);
}

const mib = (kib: number | null): number => Math.round((kib ?? 0) / 1_024);

function print(result: { product: Footprint; floor: Footprint | null }, json: boolean): void {
  const { product: ours, floor: theirs } = result;
  const row = (what: string, of: (footprint: Footprint) => number | null): (string | number)[] => [
    what,
    of(ours) ?? '–',
    theirs === null ? '–' : (of(theirs) ?? '–'),
  ];
  const lines = tableOf(
    [`${ours.promises.toLocaleString('en')} open promises`, 'product', 'floor'],
    [
      row('resident, MiB', ({ residentMiB }) => residentMiB),
      row('  at its peak', ({ peakMiB }) => peakMiB),
      row('  at rest', (of) => of.atRestMiB),
      row('disk a promise, bytes', ({ bytesPerPromise }) => bytesPerPromise),
      ...Object.keys(ours.bytesByRelation).map((name) => row(`  ${name}`, (of) => of.bytesByRelation[name] ?? null)),
      row('  of which evidence', ({ evidenceBytes }) => evidenceBytes),
      row('ready after kill -9, ms', ({ restarted }) => restarted?.readyAfterMs ?? null),
      row('decides after kill -9, ms', ({ restarted }) => restarted?.decidesAfterMs ?? null),
      row('resident then, MiB', ({ restarted }) => restarted?.residentMiB ?? null),
      row('  at rest', ({ restarted }) => restarted?.atRestMiB ?? null),
    ],
  );
  process.stdout.write(`${lines.join('\n')}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ bench: 'footprint', ...result })}\n`);
}
