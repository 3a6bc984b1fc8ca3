import { encodeCloudEvent, letterEventOf, type LetterData } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import { isInfrastructureError, type Sql } from '#libs/persistence';
import { deadLetterIdOf } from './dead-letters.js';
import { DELETE_PARKED, LOAD_PARKED, MAKE_HEAD } from './parked-sql.js';
import { joinEffects, NO_EFFECTS, type Effects, type ShardBatch } from './processor.js';

/** More of a key than one transaction should take follow on a word of our own, behind what is in the log by then. */
export const FOLLOWED_MAX = 2_000;

interface ParkedRow {
  readonly n: number;
  readonly key: string;
  readonly offset: number;
  readonly atMs: number;
  readonly value: Uint8Array;
}

/** A decision about a letter, as it stands in the log of a shard. */
export interface DecidedLetter {
  readonly service: string;
  readonly shard: number;
  readonly told: LogRecord;
  readonly letter: LetterData;
}

export interface Followed {
  readonly effects: Effects;
  /** The key that waits no more; null: nothing waited behind that letter, or something still does. */
  readonly key: string | null;
  /** The record that is the head now, since it cannot be applied (again); `place` names its letter. */
  readonly failed: { readonly record: LogRecord; readonly place: LogRecord; readonly error: Error } | null;
}

const NOBODY: Followed = { effects: NO_EFFECTS, key: null, failed: null };

/** Applies the head of a key (unless it was discarded) and those that wait behind it, up to the first that fails. */
export async function followHead(
  { service, shard, told, letter }: DecidedLetter,
  take: (batch: ShardBatch) => Promise<Effects>,
  tx: Sql,
): Promise<Followed> {
  if (letter.status === 'open') return NOBODY;
  const { topic } = told;
  const rows = await tx.query<ParkedRow>(LOAD_PARKED, [shard, topic, letter.id, FOLLOWED_MAX + 1]);
  const [head] = rows;
  if (!head) return NOBODY; // another service's letter, or decided before
  const skipped = letter.status === 'discarded' ? 1 : 0;
  const records = rows.slice(skipped, FOLLOWED_MAX).map((row) => recordOf(row, told));
  const taken = await inOrder(records, (part) => take({ shard, topic, records: part }), tx);
  const { applied, error } = taken;
  const effects = skipped === 1 ? taken.effects : letteredAnew(taken.effects, records[0], told);
  const done = skipped + applied;
  if (done > 0) await tx.query(DELETE_PARKED, [rows.slice(0, done).map(({ n }) => n)]);
  const next = rows[done];
  if (!next) return { effects, key: head.key, failed: null };
  const record = recordOf(next, told);
  // A head that fails again has had the letter of its own place: its next one is named by the place of the decision.
  const place = done === 0 ? { ...record, offset: told.offset } : record;
  const letterId = deadLetterIdOf(service, place);
  await tx.query(MAKE_HEAD, [next.n, letterId]);
  if (error) return { effects, key: null, failed: { record, place, error } };
  const event = letterEventOf({ id: letterId, status: 'replayed' }, `makegood/${service}`, next.key, told.timestampMs);
  const word = { topic, partition: told.partition, key: event.type, value: encodeCloudEvent(event) };
  return { effects: joinEffects(effects, { ...NO_EFFECTS, outgoing: [word] }), key: null, failed: null };
}

/** A head that is taken and refused in words has a letter already: this one is named by the place of the decision, too. */
function letteredAnew(effects: Effects, head: LogRecord | undefined, told: LogRecord): Effects {
  if (!effects.rejected.some(({ record }) => record === head)) return effects;
  const rejected = effects.rejected.map((one) =>
    one.record === head ? { ...one, record: { ...one.record, offset: told.offset } } : one,
  );
  return { ...effects, rejected };
}

interface InOrder {
  readonly effects: Effects;
  /** So many records, from the first, have their effects. */
  readonly applied: number;
  /** Why the next one has none; null when there is no next one. */
  readonly error: Error | null;
}

/** As many as can be applied, from the first on: where some fail together they are halved. */
async function inOrder(
  records: readonly LogRecord[],
  apply: (records: readonly LogRecord[]) => Promise<Effects>,
  tx: Sql,
): Promise<InOrder> {
  if (records.length === 0) return { effects: NO_EFFECTS, applied: 0, error: null };
  const whole = await attempt(() => apply(records), tx);
  if (!(whole instanceof Error)) return { effects: whole, applied: records.length, error: null };
  if (records.length === 1) return { effects: NO_EFFECTS, applied: 0, error: whole };
  const middle = records.length >> 1;
  const first = await inOrder(records.slice(0, middle), apply, tx);
  if (first.error) return first;
  const second = await inOrder(records.slice(middle), apply, tx);
  return { ...second, effects: joinEffects(first.effects, second.effects), applied: first.applied + second.applied };
}

/** @returns the error, with the transaction as it was before. @throws an infrastructure error */
async function attempt(work: () => Promise<Effects>, tx: Sql): Promise<Effects | Error> {
  await tx.query('savepoint parked');
  try {
    const effects = await work();
    await tx.query('release savepoint parked');
    return effects;
  } catch (error) {
    if (isInfrastructureError(error)) throw error;
    await tx.query('rollback to savepoint parked');
    await tx.query('release savepoint parked');
    return error as Error;
  }
}

function recordOf(row: ParkedRow, told: LogRecord): LogRecord {
  const { topic, partition, offset: effectiveOffset } = told;
  const { offset, key, atMs, value } = row;
  return { topic, partition, offset, effectiveOffset, key, timestampMs: atMs, value: Buffer.from(value) };
}
