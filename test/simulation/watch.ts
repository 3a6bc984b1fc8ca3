import { LETTER_TYPE, TICK_TYPE, type CloudEvent } from '#libs/contracts';
import type { RecordProducer } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import type { Effects, ShardBatch, ShardProcessor } from '#libs/shard-log';
import type { Surroundings } from './host.js';
import type { Store } from './store.js';

const FIRST_PARKED = `select key, min(record_offset) as first from parked_record where shard = $1 and topic = $2 group by key`;

/** What commits must come from who owns the shard, and no key may overtake its dead letter: looked up in the very transaction that commits. */
export function watched(
  processor: ShardProcessor,
  claims: ReadonlyMap<number, number>,
  { violations, defects }: Surroundings,
  who: string,
): ShardProcessor {
  const check = async (shard: number, tx: Sql): Promise<void> => {
    const [row] = await tx.query<{ current: number }>('select epoch as current from shard where shard = $1', [shard]);
    const mine = claims.get(shard);
    if (row?.current === mine) return;
    violations.push(`fence-holds: ${who} decides for shard ${shard} in epoch ${mine}, current is ${row?.current}`);
  };
  const checkOrder = async ({ shard, topic, records }: ShardBatch, tx: Sql): Promise<void> => {
    const parked = await tx.query<{ key: string; first: number }>(FIRST_PARKED, [shard, topic]);
    if (parked.length === 0) return;
    const firstOf = new Map(parked.map(({ key, first }) => [key, first]));
    for (const record of records) {
      const { key, offset, value, effectiveOffset } = record;
      const isReleased = effectiveOffset !== undefined; // one of those that wait themselves
      if (key === null || isReleased || offset <= (firstOf.get(key) ?? Infinity) || !mayWait(value)) continue;
      violations.push(
        `key-waits: ${who} applies ${topic}/${shard}@${offset} of ${key}, which waits behind ${firstOf.get(key)}`,
      );
    }
  };
  const drain = processor.drain?.bind(processor);
  return {
    ...(processor.adopt ? { adopt: processor.adopt.bind(processor) } : {}),
    ...(processor.forget ? { forget: processor.forget.bind(processor) } : {}),
    ...('bury' in processor ? { bury: (processor.bury as () => Promise<Effects>).bind(processor) } : {}),
    ...(processor.parks ? { parks: processor.parks } : {}),
    learnsFromAll: processor.learnsFromAll ?? false,
    ...(processor.readsFirst === undefined ? {} : { readsFirst: processor.readsFirst }),
    apply: async (batch: ShardBatch, tx: Sql) => {
      await check(batch.shard, tx);
      if (defects.exist && processor.parks?.has(batch.topic)) await checkOrder(batch, tx);
      defects.meet(batch.records);
      return processor.apply(batch, tx);
    },
    ...(drain
      ? {
          drain: async (shard: number, tx: Sql) => {
            await check(shard, tx);
            return drain(shard, tx);
          },
        }
      : {}),
  };
}

/** Nothing leaves the outbox before the transaction that decided it has committed: a crash in between would unsay it. */
export function onlyDecided(producer: RecordProducer, store: Store, violations: string[], who: string): RecordProducer {
  return {
    send: (records) => {
      const early = records.find((record) => !store.isDecided(record));
      if (early) violations.push(`offset-is-state: ${who} publishes before its commit: ${early.topic} ${early.key}`);
      return producer.send(records);
    },
    close: () => producer.close(),
  };
}

/** Ticks and words about letters have the key of whoever's log they stand in, and wait for nobody. */
function mayWait(value: Buffer): boolean {
  const { type } = JSON.parse(value.toString()) as CloudEvent;
  return type !== TICK_TYPE && type !== LETTER_TYPE;
}
