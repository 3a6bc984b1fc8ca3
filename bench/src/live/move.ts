import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeCloudEvent, TOPICS } from '#libs/contracts';
import type { MovedShard } from '#libs/shard-log';
import { PROJECT_ROOT } from '../../../apps/cli/src/stack/project.js';
import { waitUntil } from '../pipeline/wait.js';
import { expectedOf, isBroken, keptEvent, openingEvent } from '../pipeline/workload.js';
import { note, withFolder, type StageOptions } from '../stage.js';
import { postBody, type Door } from '../whole/post.js';
import { waitsTable } from './phased-load.js';
import { tableOf } from './statistics.js';
import { SteadyFacts, type Phase, type PhaseWaits } from './steady.js';
import { startWithTwoDatabases } from './two-databases.js';
import { Watcher } from './watcher.js';

export interface MoveOptions extends StageOptions {
  readonly eventsPerSecond: number;
  readonly json: boolean;
}

/** Some shards go to the other server, and one of them comes back. */
const MOVES = [
  { shard: 0, to: 'north' },
  { shard: 5, to: 'north' },
  { shard: 11, to: 'north' },
  { shard: 5, to: 'main' },
] as const;
const [BEFORE_FROM_MS, MOVES_FROM_MS, BETWEEN_MS, AFTER_MS, STEP_MS] = [8_000, 15_000, 2_000, 8_000, 20];
/** Promises fall due in every shard while shards are moved. */
const DUE_AFTER_MS = 6_000;
const VERDICTS_WITHIN_MS = 60_000;

/**
 * `bench move`: facts come in at intake's door while the command line moves shards of sla-timer to another PostgreSQL server
 * and back. Every verdict is counted on the topic. @throws where one is missing, or was told twice under two ids
 */
export async function move(options: MoveOptions): Promise<void> {
  await withFolder(options, async (folder) => {
    const { brokers, door } = await startWithTwoDatabases(folder);
    const watcher = await Watcher.open(brokers, TOPICS.promises);
    folder.atEnd(() => watcher.close());
    const { moved, phases, promises } = await moveUnderLoad(folder.dataDir, door, watcher, options.eventsPerSecond);
    const { repeated, doubled } = watcher;
    const result = {
      bench: 'move',
      eventsPerSecond: options.eventsPerSecond,
      promises,
      moved,
      phases,
      repeated,
      doubled,
    };
    for (const line of report(result)) process.stdout.write(`${line}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    if (doubled > 0) throw new Error(`each verdict once → ${doubled} came again under another id`);
  });
}

async function moveUnderLoad(dataDir: string, door: Door, watcher: Watcher, perSecond: number) {
  const facts = new SteadyFacts(perSecond, Infinity, isBroken);
  const moved: MovedShard[] = [];
  const phases: Phase[] = [{ what: 'before', atMs: BEFORE_FROM_MS }];
  const startMs = performance.now();
  const elapsedMs = (): number => performance.now() - startMs;
  let isOver = false;
  const pouring = pour(door, facts, elapsedMs, () => isOver);
  const moving = async (): Promise<void> => {
    await sleep(MOVES_FROM_MS);
    phases.push({ what: 'while shards are moved', atMs: elapsedMs() });
    for (const each of MOVES) {
      moved.push(await moveByCommand(dataDir, each));
      await sleep(BETWEEN_MS);
    }
    phases.push({ what: 'afterwards', atMs: elapsedMs() });
    await sleep(AFTER_MS);
  };
  try {
    await Promise.race([moving(), pouring]); // a refusal at the door ends the bench at once
  } finally {
    isOver = true;
  }
  await pouring;
  const promises = facts.promises;
  const wanted = expectedOf(promises, 'all').announcements;
  const isTold = async (): Promise<boolean> =>
    Object.entries(wanted).every(([kind, count]) => watcher.count(kind) >= count);
  await waitUntil(isTold, `all are told: ${JSON.stringify(wanted)}`, VERDICTS_WITHIN_MS);
  return { moved, phases: facts.waits(phases, watcher), promises };
}

/** Posts what is due, one request after the other, until it is over and every promise that will be kept has been. */
async function pour(door: Door, facts: SteadyFacts, elapsedMs: () => number, isOver: () => boolean): Promise<void> {
  for (let nowMs = elapsedMs(); nowMs < facts.lastMs; nowMs = elapsedMs()) {
    if (isOver()) facts.endAt(nowMs);
    await postDue(door, facts, nowMs);
    await sleep(STEP_MS);
  }
  await postDue(door, facts, facts.lastMs);
}

async function postDue(door: Door, facts: SteadyFacts, elapsedMs: number): Promise<void> {
  const atMs = Date.now();
  const events = facts
    .due(elapsedMs)
    .map(({ i, isKept }) => (isKept ? keptEvent(i, atMs) : openingEvent(i, atMs, DUE_AFTER_MS)));
  if (events.length === 0) return;
  const bytes = Buffer.from(events.map((event) => `${encodeCloudEvent(event)}\n`).join(''));
  await postBody(door, { bytes, events: events.length });
}

/** As an operator types it; what the command answers. */
async function moveByCommand(dataDir: string, { shard, to }: (typeof MOVES)[number]): Promise<MovedShard> {
  const args = ['shard', 'move', String(shard), '--to', to, '--reason', 'bench move', '--data-dir', dataDir, '--json'];
  note(`  ./makegood ${args.slice(0, 5).join(' ')} …`);
  const main = join(PROJECT_ROOT, 'dist/apps/cli/src/main.js');
  const answer = await new Promise<string>((resolve, reject) =>
    execFile(process.execPath, [main, ...args], (error, stdout, stderr) =>
      error ? reject(new Error(`shard move: ${stderr || error.message}`)) : resolve(stdout),
    ),
  );
  return JSON.parse(answer) as MovedShard;
}

function report(result: {
  readonly eventsPerSecond: number;
  readonly promises: number;
  readonly moved: readonly MovedShard[];
  readonly phases: readonly PhaseWaits[];
  readonly repeated: number;
  readonly doubled: number;
}): string[] {
  const { eventsPerSecond, promises, moved, phases, repeated, doubled } = result;
  return [
    ...tableOf(
      ['shard', 'from', 'to', 'rows', 'stood still ms'],
      moved.map(({ shard, from, to, rows, stoodStillMs }) => [shard, from ?? '', to, rows, stoodStillMs]),
    ),
    ...waitsTable(eventsPerSecond, phases),
    `${promises} promises: verdicts lost 0, doubled ${doubled}, told again ${repeated}`,
  ];
}
