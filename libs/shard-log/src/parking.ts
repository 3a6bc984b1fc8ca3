import { LETTER_TYPE, TICK_TYPE, type LetterData, type LetterEvent } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import { deadLetterIdOf } from './dead-letters.js';
import { followHead } from './follow-head.js';
import { LOAD_PARKED_KEYS, PARK } from './parked-sql.js';
import {
  joinEffects,
  NO_EFFECTS,
  type Effects,
  type Rejected,
  type ShardBatch,
  type ShardProcessor,
} from './processor.js';

/** Kafka key of the word about a decided letter, on the letter's own topic and partition. */
export const LETTER_KEY = LETTER_TYPE;

/** Keys of a shard that wait, as `topic key`; what the owner knows is what is in the table: only the owner writes there. */
export type ParkedKeys = ReadonlySet<string>;

/** What a transaction does, and which keys wait once it has committed. */
export interface Parked {
  readonly effects: Effects;
  readonly keys: ParkedKeys;
}

/** A record that was refused in words, and whose key must wait. */
export class HeldError extends Error {
  constructor(readonly rejected: Rejected) {
    super(rejected.detail);
  }
}

/**
 * Keeps the order of a key when one of its records fails: later ones wait in the database behind its dead letter. The
 * decision about the letter comes by the log; then the record (unless it was discarded) and those that waited are
 * applied in their order, as they were, under the same ids, in the transaction that moves the offset past the decision.
 * So a crash anywhere repeats all of it or nothing, and a decision read twice finds nobody waiting.
 */
export class Parking {
  constructor(
    private readonly service: string,
    private readonly processor: ShardProcessor,
  ) {}

  async load(shard: number, tx: Sql): Promise<ParkedKeys> {
    if (!this.processor.parks) return new Set();
    const rows = await tx.query<{ topic: string; key: string }>(LOAD_PARKED_KEYS, [shard]);
    return new Set(rows.map(({ topic, key }) => nameOf(topic, key)));
  }

  /**
   * Applies what may be applied now, in the log's order.
   * @throws HeldError, or whatever the processor throws, to have the record at fault isolated
   */
  async apply(batch: ShardBatch, keys: ParkedKeys, tx: Sql): Promise<Parked> {
    const { shard, topic, records } = batch;
    if (!this.parks(topic)) return { effects: await this.processor.apply(batch, tx), keys };
    if (keys.size === 0 && !records.some(({ key }) => key === LETTER_KEY))
      return { effects: await this.take(batch, tx), keys };
    const now = new Set(keys);
    let effects = NO_EFFECTS;
    let free: LogRecord[] = [];
    const takeFree = async (): Promise<void> => {
      if (free.length > 0) effects = joinEffects(effects, await this.take({ shard, topic, records: free }, tx));
      free = [];
    };
    for (const record of records) {
      const letter = letterIn(record);
      if (letter) {
        await takeFree();
        effects = joinEffects(effects, await this.release(shard, record, letter, now, tx));
      } else if (record.key !== null && now.has(nameOf(topic, record.key)) && mayWait(record)) {
        await park(shard, record, record.key, null, tx);
      } else free.push(record);
    }
    await takeFree();
    return { effects, keys: now };
  }

  /** A record has failed by itself, or was refused in a way that holds its key: what comes later for the key waits. */
  async bury(shard: number, record: LogRecord, error: Error, keys: ParkedKeys, tx: Sql): Promise<Parked> {
    const buried = (await this.processor.bury?.(shard, record, tx)) ?? NO_EFFECTS;
    const { topic, key } = record;
    const isParked = this.parks(topic) && key !== null && mayWait(record);
    if (isParked) await park(shard, record, key, deadLetterIdOf(this.service, record), tx);
    const rejected = [{ ...rejectedFor(record, error), holdsKey: isParked }];
    return {
      effects: joinEffects(buried, { ...NO_EFFECTS, rejected }),
      keys: isParked ? new Set([...keys, nameOf(topic, key)]) : keys,
    };
  }

  private parks(topic: string): boolean {
    return this.processor.parks?.has(topic) ?? false;
  }

  /** Records that nothing holds back; one among them that is refused and holds its key undoes them all. */
  private async take(batch: ShardBatch, tx: Sql): Promise<Effects> {
    const effects = await this.processor.apply(batch, tx);
    const held = effects.rejected.find(({ holdsKey, record }) => holdsKey === true && batch.records.includes(record));
    if (held) throw new HeldError(held);
    if (!effects.rejected.some(({ holdsKey }) => holdsKey)) return effects;
    return { ...effects, rejected: effects.rejected.map((one) => ({ ...one, holdsKey: false })) };
  }

  private async release(
    shard: number,
    told: LogRecord,
    letter: LetterData,
    keys: Set<string>,
    tx: Sql,
  ): Promise<Effects> {
    const followed = await followHead(
      { service: this.service, shard, told, letter },
      (batch) => this.take(batch, tx),
      tx,
    );
    if (followed.key !== null) keys.delete(nameOf(told.topic, followed.key));
    if (followed.failed === null) return followed.effects;
    const { record, place, error } = followed.failed;
    const buried = (await this.processor.bury?.(shard, record, tx)) ?? NO_EFFECTS;
    const rejected = [{ ...rejectedFor(place, error), holdsKey: true }];
    return joinEffects(joinEffects(followed.effects, buried), { ...NO_EFFECTS, rejected });
  }
}

function nameOf(topic: string, key: string): string {
  return `${topic} ${key}`;
}

function rejectedFor(record: LogRecord, error: Error): Rejected {
  if (error instanceof HeldError) return { ...error.rejected, record };
  return { record, reason: 'PROCESSING_FAILED', detail: error.message };
}

async function park(shard: number, record: LogRecord, key: string, letterId: string | null, tx: Sql): Promise<void> {
  const { topic, offset, timestampMs, value } = record;
  await tx.query(PARK, [shard, topic, key, offset, timestampMs, value, letterId]);
}

/** Ticks and words about letters stand in the log of a customer who happens to have their key, and are none of theirs. */
function mayWait(record: LogRecord): boolean {
  const type: string | undefined = eventIn(record)?.type;
  return type !== TICK_TYPE && type !== LETTER_TYPE;
}

function letterIn(record: LogRecord): LetterData | null {
  if (record.key !== LETTER_KEY) return null;
  const event = eventIn(record);
  return event?.type === LETTER_TYPE && typeof event.data?.id === 'string' ? event.data : null;
}

function eventIn({ value }: LogRecord): LetterEvent | null {
  try {
    return JSON.parse(value.toString('utf8')) as LetterEvent | null;
  } catch {
    return null;
  }
}
