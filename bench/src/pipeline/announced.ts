import { randomUUID } from 'node:crypto';
import { PROMISE_EVENT_PREFIX } from '#libs/contracts';
import { createKafka, onGivenUp } from '#libs/messaging';
import { recordsIn } from './topics.js';
import type { Expected } from './workload.js';

export interface Announced {
  /** Distinct announcements by kind. */
  readonly counts: Readonly<Record<string, number>>;
  /** Mean bytes of an announcement's value by kind. */
  readonly bytes: Readonly<Record<string, number>>;
  /** Records that say what was said before: allowed (delivery is at least once), but work done twice. */
  readonly repeated: number;
}

interface Batch {
  readonly partition: number;
  readonly messages: readonly { readonly offset: string; readonly value: Buffer | null }[];
}

const ID = /"id":"([^"]+)"/;
const SUBJECT = /"subject":"([^"]+)"/;

const TYPE = /"type":"([^"]+)"/;

/** Kind (the type behind its prefix), id and subject of an announcement; all undefined of anything else. */
export function headOf(
  value: Buffer,
  prefix: string = PROMISE_EVENT_PREFIX,
): { readonly kind?: string; readonly id?: string; readonly subject?: string } {
  const head = value.toString('latin1', 0, 300);
  const type = TYPE.exec(head)?.[1];
  const kind = type?.startsWith(prefix) ? type.slice(prefix.length) : undefined;
  const [id, subject] = [ID.exec(head)?.[1], SUBJECT.exec(head)?.[1]];
  return kind && id && subject ? { kind, id, subject } : {};
}

/** Reads a contender's output topic whole: types that begin with the prefix; ticks do not count. */
export async function readAnnounced(
  brokers: string,
  topic: string,
  prefix: string = PROMISE_EVENT_PREFIX,
): Promise<Announced> {
  const end = await recordsIn(brokers, topic);
  const seen = new Set<string>();
  const totals = new Map<string, { count: number; bytes: number }>();
  const next = new Map<number, number>();
  let [read, repeated] = [0, 0];
  const take = (value: Buffer): void => {
    const { kind, id } = headOf(value, prefix);
    if (!kind || !id) return;
    if (seen.has(id)) return void (repeated += 1);
    seen.add(id);
    const total = totals.get(kind) ?? { count: 0, bytes: 0 };
    totals.set(kind, { count: total.count + 1, bytes: total.bytes + value.length });
  };
  if (end > 0) {
    const kafka = createKafka({ clientId: 'makegood-bench', brokers: brokers.split(',') });
    const consumer = kafka.consumer({ groupId: `bench.check.${randomUUID()}`, maxWaitTimeInMs: 50 });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      onGivenUp(consumer, reject);
      const eachBatch = async ({ batch }: { batch: Batch }): Promise<void> => {
        for (const { offset, value } of batch.messages) {
          if (Number(offset) < (next.get(batch.partition) ?? 0)) continue; // read again after a rebalance
          next.set(batch.partition, Number(offset) + 1);
          read += 1;
          if (value) take(value);
        }
        if (read >= end) resolve();
      };
      consumer.run({ autoCommit: false, eachBatch }).catch(reject);
    });
    await consumer.disconnect();
  }
  const each = (pick: (total: { count: number; bytes: number }) => number): Record<string, number> =>
    Object.fromEntries([...totals].map(([kind, total]) => [kind, pick(total)]));
  return { counts: each(({ count }) => count), bytes: each(({ count, bytes }) => Math.round(bytes / count)), repeated };
}

/** What is wrong with a run's output, in words; empty: nothing. */
export function faultsOf({ counts }: Announced, { announcements }: Expected): string[] {
  const kinds = new Set([...Object.keys(counts), ...Object.keys(announcements)]);
  return [...kinds].flatMap((kind) => {
    const [found, wanted] = [counts[kind] ?? 0, announcements[kind] ?? 0];
    return found === wanted ? [] : [`${kind}: ${wanted} expected, ${found} announced`];
  });
}
