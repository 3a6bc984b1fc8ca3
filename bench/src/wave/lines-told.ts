import { TOPICS, type CloudEvent, type LineEventData } from '#libs/contracts';
import { createKafka, LogReader } from '#libs/messaging';

/** What `makegood.compensations.v1` says. */
export interface LinesTold {
  /** Distinct events by type, e.g. `makegood.refund.requested`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Idempotency keys of money that were asked for by more than one event: must be 0. */
  readonly keysAskedTwice: number;
  /** Sum over the requests for a refund, in minor units. */
  readonly refundedMinor: number;
  /** Records that repeat an event byte for byte: allowed, but work done twice. */
  readonly repeated: number;
}

export async function readLinesTold(brokers: string): Promise<LinesTold> {
  const reader = new LogReader(createKafka({ clientId: 'makegood-bench', brokers: brokers.split(',') }));
  const counts: Record<string, number> = {};
  const seen = new Set<string>();
  const asked = new Set<string>();
  let [keysAskedTwice, refundedMinor, repeated] = [0, 0, 0];
  const take = ({ id, type, data }: CloudEvent<LineEventData>): void => {
    if (seen.has(id)) return void (repeated += 1);
    seen.add(id);
    counts[type] = (counts[type] ?? 0) + 1;
    if (type !== 'makegood.refund.requested') return;
    if (asked.has(data.idempotencyKey)) keysAskedTwice += 1;
    asked.add(data.idempotencyKey);
    refundedMinor += Number(data.amount?.amountMinor ?? 0);
  };
  try {
    for (const { partition, low, high } of await reader.offsetsOf(TOPICS.compensations)) {
      await reader.readRange({ topic: TOPICS.compensations, partition, from: low, to: high }, async (records) => {
        for (const { value } of records) take(JSON.parse(value.toString('utf8')) as CloudEvent<LineEventData>);
      });
    }
  } finally {
    await reader.close();
  }
  return { counts, keysAskedTwice, refundedMinor, repeated };
}
