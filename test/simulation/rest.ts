import type { Surroundings } from './host.js';
import { SHARDS, topicsOf } from './services.js';

/** So long nothing may happen before it counts as rest. */
export const REST_MS = 4_000;

export const OFFSETS = `select shard, topic, next_offset as next from shard_offset`;

/** Everything read, published, paid and passed on, and still so a while later. */
export async function restOf(world: Surroundings, isAnswered: () => boolean): Promise<() => boolean> {
  const { scheduler } = world;
  let isAtRest = false;
  let calmSinceMs: number | null = null;
  const look = async (): Promise<void> => {
    const calm = isAnswered() && (await isDrained(world));
    calmSinceMs = calm ? (calmSinceMs ?? scheduler.nowMs) : null;
    isAtRest = calmSinceMs !== null && scheduler.nowMs - calmSinceMs >= REST_MS;
    if (!isAtRest) scheduler.after(1_000, null, look);
  };
  scheduler.after(0, null, look);
  return () => isAtRest;
}

async function isDrained(world: Surroundings): Promise<boolean> {
  return (await lagOf(world)) === '';
}

async function lagOf({ broker, services, stores }: Surroundings): Promise<string> {
  const lag: string[] = [];
  for (const name of services) {
    const offsets = await stores[name].look<{ shard: number; topic: string; next: number }>(OFFSETS);
    for (const topic of topicsOf(name)) {
      for (let shard = 0; shard < SHARDS; shard++) {
        const next = offsets.find((row) => row.shard === shard && row.topic === topic)?.next ?? 0;
        const end = broker.endOf(topic, shard);
        if (next < end) lag.push(`${name} ${topic}/${shard} ${next} of ${end}`);
      }
    }
    const [outbox] = await stores[name].look<{ rows: number }>('select count(*) as rows from outbox');
    if (outbox?.rows) lag.push(`${name} outbox ${outbox.rows}`);
    const [parked] = await stores[name].look<{ rows: number }>('select count(*) as rows from parked_record');
    if (parked?.rows) lag.push(`${name} parked ${parked.rows}`);
  }
  return lag.join(', ');
}

export async function stuckAt(world: Surroundings): Promise<string> {
  const lag = await lagOf(world).catch((error: Error) => error.message);
  return `(left: ${lag || 'nothing'})`;
}
