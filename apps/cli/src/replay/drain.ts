import { ProblemError } from '#libs/kernel';
import { clock } from '../clock.js';
import type { StackClient } from '../stack/client.js';
import { SERVICE_NAMES, type ServiceName } from '../stack/ports.js';

interface Progress {
  readonly drained: boolean;
  readonly outboxRows?: number;
  readonly shards?: readonly {
    readonly shard: number;
    readonly topics: Readonly<Record<string, { readonly next: number; readonly end: number }>>;
  }[];
}

const EVERY_MS = 100;
/** No service made headway for this long: something is stuck, and waiting on will not help. */
const STALL_MS = 120_000;

/**
 * Waits until every service has read all there is and published all it had, in the order of the pipeline and twice
 * in a row: the second round sees what the first may have set off upstream.
 */
export async function awaitDrained(
  client: StackClient,
  onWaiting: (text: string) => void,
  everyMs = EVERY_MS,
): Promise<void> {
  let rounds = 0;
  let lastSeen = '';
  let lastChangeMs = clock.nowMs();
  while (rounds < 2) {
    const waiting = await firstBusy(client);
    if (waiting === null) {
      rounds += 1;
    } else {
      rounds = 0;
      onWaiting(waiting.text);
      if (waiting.seen !== lastSeen) [lastSeen, lastChangeMs] = [waiting.seen, clock.nowMs()];
      if (clock.nowMs() - lastChangeMs > STALL_MS) {
        throw new ProblemError({
          code: 'NOT_DRAINED',
          detail: `every event worked off → ${waiting.text}, no change for ${STALL_MS / 1_000} s`,
          advice: `read the logs in ${client.dataDir}/logs`,
        });
      }
    }
    await clock.sleep(everyMs);
  }
}

async function firstBusy(client: StackClient): Promise<{ text: string; seen: string } | null> {
  for (const name of SERVICE_NAMES) {
    const progress = await progressOf(client, name);
    if (progress === null) return { text: `${name} is not answering`, seen: `${name} away` };
    if (!progress.drained) {
      const left = recordsLeft(progress);
      return {
        text: `${name} has ${left} records to read, ${progress.outboxRows ?? 0} to publish`,
        seen: JSON.stringify(progress),
      };
    }
  }
  return null;
}

async function progressOf(client: StackClient, name: ServiceName): Promise<Progress | null> {
  try {
    return await client.get<Progress>(name, '/progress');
  } catch (error) {
    // A service that was killed comes back by itself; a refusal (401, 404) is an answer that will not change.
    if (error instanceof ProblemError && !error.retryable && !/^(HTTP_)?5/.test(error.problem.code)) throw error;
    return null;
  }
}

function recordsLeft(progress: Progress): number {
  const positions = (progress.shards ?? []).flatMap((shard) => Object.values(shard.topics));
  return positions.reduce((sum, { next, end }) => sum + Math.max(0, end - next), 0);
}
