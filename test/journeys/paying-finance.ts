import {
  DEFAULT_SHARD_COUNT,
  encodeCloudEvent,
  partitionOf,
  TOPICS,
  type CloudEvent,
  type CompensationNoticeData,
  type LineEventData,
} from '#libs/contracts';
import { createKafka, type OutgoingRecord } from '#libs/messaging';
import { until } from '../e2e/infrastructure.js';
import type { Stack } from './stack.js';

const SETTLED_AFTER_MS = 86_400_000;

/** A line of money by what the topic says of it. */
export interface MoneyLine {
  readonly promiseId: string;
  readonly amountMinor: number;
  cancelledBecause: string | null;
  reversedMinor: number;
}

/**
 * Finance that pays half of the refunds (by the last digit of their ids) through `makegood.settlements.v1` as soon as it
 * reads them, while the stack goes on.
 */
export class PayingFinance {
  readonly paid = new Set<string>();
  private readonly next = new Map<number, number>();

  private constructor(
    private readonly stack: Stack,
    private readonly consumer: ReturnType<ReturnType<typeof createKafka>['consumer']>,
  ) {}

  /** Begins once the stack's broker answers. */
  static async of(stack: Stack): Promise<PayingFinance> {
    const kafka = createKafka({ brokers: [`127.0.0.1:${stack.portBase + 10}`], clientId: 'finance' });
    const isThere = () => stack.reader.offsetsOf(TOPICS.compensations).catch(() => null);
    await until('the topic of compensations', isThere, 90_000);
    const consumer = kafka.consumer({ groupId: 'finance', maxWaitTimeInMs: 100 });
    const finance = new PayingFinance(stack, consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: [TOPICS.compensations], fromBeginning: true });
    await consumer.run({
      eachBatch: async ({ batch }) => {
        const events = batch.messages.map(({ value }) => JSON.parse(String(value)) as CloudEvent<LineEventData>);
        await finance.pay(events);
        finance.next.set(batch.partition, Number(batch.lastOffset()) + 1);
      },
    });
    return finance;
  }

  /** Pays what has been asked for by now, and goes home. */
  async leave(): Promise<void> {
    const offsets = await this.stack.reader.offsetsOf(TOPICS.compensations);
    const hasReadAll = () => offsets.every(({ partition, high }) => (this.next.get(partition) ?? 0) >= high);
    await until('finance to have read all refunds', hasReadAll);
    await this.consumer.disconnect();
  }

  private async pay(events: readonly CloudEvent<LineEventData>[]): Promise<void> {
    const due = events.filter(
      ({ type, data }) =>
        type === 'makegood.refund.requested' && /[0-7]$/.test(data.lineId) && !this.paid.has(data.lineId),
    );
    if (due.length === 0) return;
    await this.stack.producer.send(due.map(settlementOf));
    for (const { data } of due) this.paid.add(data.lineId);
  }
}

function settlementOf({ time, data: { lineId } }: CloudEvent<LineEventData>): OutgoingRecord {
  const paidAtMs = Date.parse(time) + SETTLED_AFTER_MS;
  const paidAt = new Date(paidAtMs).toISOString();
  return {
    topic: TOPICS.settlements,
    partition: partitionOf(lineId, DEFAULT_SHARD_COUNT),
    key: lineId,
    timestampMs: paidAtMs,
    value: encodeCloudEvent({
      specversion: '1.0',
      id: `paid-${lineId}`,
      source: 'finance',
      type: 'makegood.settlement.paid',
      subject: lineId,
      time: paidAt,
      data: { lineId, reference: `P-${lineId}`, paidAt },
    }),
  };
}

/** Every refund that was ever asked for. */
export async function refundsOf(stack: Stack): Promise<Map<string, MoneyLine>> {
  const lines = new Map<string, MoneyLine>();
  const seen = new Set<string>();
  for (const { id, type, data } of await stack.topic(TOPICS.compensations)) {
    if (seen.has(id)) continue;
    seen.add(id);
    const line = data as unknown as LineEventData & CompensationNoticeData;
    const known = lines.get(line.lineId);
    if (type === 'makegood.refund.requested') {
      const fresh = { promiseId: line.promiseId, amountMinor: line.amount?.amountMinor ?? 0 };
      lines.set(line.lineId, { cancelledBecause: null, reversedMinor: 0, ...known, ...fresh });
    } else if (known && type === 'makegood.refund.cancelled') known.cancelledBecause = line.reason ?? '';
    else if (known && type === 'makegood.compensation.reversed') known.reversedMinor += line.amount?.amountMinor ?? 0;
  }
  return lines;
}

export async function balancesOf(stack: Stack): Promise<Record<'expense' | 'paid' | 'false-breach', number>> {
  const { balances } = await stack.json<{ balances: { account: string; balanceMinor: number }[] }>(
    'compensation',
    '/ledger/balances',
  );
  const of = (account: string): number => balances.find((each) => each.account === account)?.balanceMinor ?? 0;
  return {
    expense: of('expense:order-delivery'),
    paid: of('paid'),
    'false-breach': of('false-breach:order-delivery'),
  };
}
