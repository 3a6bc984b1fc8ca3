import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { planPromises, planTellings } from '../load/promises.js';
import { Sender } from '../load/sender.js';
import type { Stage } from '../stage/stage.js';
import { until } from '../waiting.js';
import { TWO_OF_EACH, type Script } from './play.js';

const SHARD = 3;
const LOAD_SECONDS = 120;
const UNTIL_COPY_MS = 30_000;
/** Read by the shard beyond the copy before the log goes back to it: half a minute of ticks and facts. */
const ROLLED_BACK_RECORDS = 150;

interface Halt {
  readonly shard: number;
  readonly reason: string;
  readonly nextOffset: number;
  readonly logEnd: number;
}

/** A partition loses its last half minute, as by an unclean leader election; its shard stops, and goes on when it is accepted. */
export const logWentBack = (seed: number): Script => ({
  title: "A shard's log rolled back to an older offset",
  instances: TWO_OF_EACH,
  promises: (startMs) => planPromises({ seed, startMs, seconds: LOAD_SECONDS, promisesPerSecond: 15 }),
  play: async ({ stage, run, act, must, note }) => {
    const partitionDir = join(stage.dataDir, 'kafka', `makegood.events.v1-${SHARD}`);
    const older = join(stage.dataDir, 'older-log');
    await sleep(UNTIL_COPY_MS);
    await act('broker restarted; what its partition holds is copied', () =>
      withoutBroker(stage, () => copyAnew(partitionDir, older)),
    );
    const copied = await offsetOf(stage);
    await until('the shard to read on', async () => (await offsetOf(stage)) >= copied + ROLLED_BACK_RECORDS, 180_000);
    await act(`broker restarted; partition ${SHARD} of makegood.events.v1 is the older copy`, () =>
      withoutBroker(stage, () => copyAnew(older, partitionDir)),
    );
    await act('its shard of sla-timer stands still', async () => {
      const halt = await until('LOG_WENT_BACK', () => findHalt(stage), 120_000);
      must(halt.reason === 'LOG_WENT_BACK', `LOG_WENT_BACK expected → ${halt.reason}`);
      note(
        `Shard ${SHARD} of sla-timer had read to offset ${halt.nextOffset}, the log ended at ${halt.logEnd} when it stopped: ${halt.reason}.`,
      );
      const before = await offsetOf(stage);
      await sleep(5_000);
      must((await offsetOf(stage)) === before, 'the shard went on by itself');
    });
    await act(`shard accept ${SHARD}`, async () => {
      const answer = await post(stage, `/shards/${SHARD}/accept`, { reason: 'unclean leader election' });
      must(answer.status === 200, `200 expected → ${answer.status} ${answer.text}`);
      note(`Accepted: ${answer.text}`);
      await until('the shard to go on', async () => (await findHalt(stage)) === null, 30_000);
    });
    await act('the sources tell again what the log has lost', () => tellAgain(stage, run.promises, seed));
  },
});

async function withoutBroker(stage: Stage, doing: () => void): Promise<void> {
  await stage.stopServer('broker');
  doing();
  stage.startServer('broker');
}

function copyAnew(from: string, to: string): void {
  spawnSync('rm', ['-rf', to]);
  const { status, stderr } = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cp -a ${from} ${to}: ${stderr}`);
}

/** Everything that was told so far, once more. */
async function tellAgain(stage: Stage, promises: Parameters<typeof planTellings>[1], seed: number): Promise<void> {
  const told = planTellings(seed, promises).filter(({ atMs }) => atMs <= Date.now());
  const again = new Sender(stage.of('intake'), stage.adminKey.text, stage.brokers);
  await again.tellAll(told, AbortSignal.timeout(120_000));
}

async function findHalt(stage: Stage): Promise<Halt | null> {
  for (const { port } of stage.of('sla-timer')) {
    const answer = await fetch(`http://127.0.0.1:${port}/shards/halted`, { headers: authOf(stage) }).catch(() => null);
    if (answer?.status !== 200) continue;
    const { halted } = (await answer.json()) as { halted: Halt[] };
    return halted.find(({ shard }) => shard === SHARD) ?? null;
  }
  return null;
}

async function post(stage: Stage, path: string, body: object): Promise<{ status: number; text: string }> {
  const [timer] = stage.of('sla-timer');
  const answer = await fetch(`http://127.0.0.1:${timer?.port}${path}`, {
    method: 'POST',
    headers: { ...authOf(stage), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

const authOf = (stage: Stage): Record<string, string> => ({ authorization: `Bearer ${stage.adminKey.text}` });

async function offsetOf(stage: Stage): Promise<number> {
  const [row] = await stage.query<{ next: string }>(
    'select next_offset as next from sla_timer.shard_offset where shard = $1',
    [SHARD],
  );
  return Number(row?.next);
}
