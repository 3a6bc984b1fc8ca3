import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { Random } from '../../seeded/random.js';
import type { Instance } from '../stage/instance.js';

/** What finance reads of an event of `makegood.compensations.v1`. */
export interface LineEvent {
  readonly type: string;
  readonly data: {
    readonly compensationId?: string;
    readonly lineId: string;
    readonly idempotencyKey?: string;
    readonly amount?: { readonly amountMinor: number; readonly currency: string };
    readonly customer?: string;
    readonly promiseId?: string;
    readonly subject?: string;
  };
}

interface Order {
  readonly lineId: string;
  readonly compensationId: string;
  readonly amountMinor: number;
  readonly payAtMs: number;
  isPaid: boolean;
  isStopped: boolean;
  isSettled: boolean;
}

interface Word {
  readonly status: 'paid' | 'stopped';
  readonly order: Order;
}

const IN_FLIGHT_MAX = 48;

/**
 * Finance as docs/finance.md asks for it: pays each idempotency key at most once, leaves what was cancelled before it was
 * paid, and says what it did until it is heard, over HTTP or the topic, some of it twice.
 */
export class Bank {
  private readonly orders = new Map<string, Order>();
  private readonly random: Random;
  private readonly words: Word[] = [];
  private inFlight = 0;
  private turn = 0;
  private open = true;
  private readonly producer: Producer;
  /** Answers that no outage explains. */
  readonly refusals: string[] = [];

  constructor(
    seed: number,
    private readonly compensations: readonly Instance[],
    private readonly key: string,
    brokers: string,
    /** Slow payments are made after so long, at most. */
    private readonly payWithinMs = 40_000,
  ) {
    this.random = new Random(seed, 'bank');
    const kafka = new Kafka({ clientId: 'chaos-bank', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
    this.producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  }

  /** What left the till, in minor units, by line. */
  get payments(): ReadonlyMap<string, number> {
    return new Map([...this.orders.values()].filter(({ isPaid }) => isPaid).map((o) => [o.lineId, o.amountMinor]));
  }

  /** True when nothing is to be paid and everything paid was heard. */
  get isIdle(): boolean {
    return [...this.orders.values()].every((order) => order.isStopped || order.isSettled);
  }

  read({ type, data }: LineEvent): void {
    const { lineId, compensationId, amount } = data;
    if (/\.(refund|voucher)\.requested$/.test(type) && amount && compensationId && !this.orders.has(lineId)) {
      const slow = this.random.chance(0.4);
      const payAtMs = Date.now() + (slow ? this.random.int(5_000, this.payWithinMs) : this.random.int(0, 2_000));
      const fresh = { isPaid: false, isStopped: false, isSettled: false };
      this.orders.set(lineId, { lineId, compensationId, amountMinor: amount.amountMinor, payAtMs, ...fresh });
    }
    const order = this.orders.get(lineId);
    if (!order || order.isPaid || order.isStopped) return;
    if (type.endsWith('.cancelled')) order.isStopped = true;
    if (type.endsWith('.recall-requested')) {
      order.isStopped = true;
      this.words.push({ status: 'stopped', order });
    }
  }

  /** Pays and tells until `close`. */
  async run(): Promise<void> {
    while (this.open) {
      const nowMs = Date.now();
      for (const order of this.orders.values()) {
        if (order.isPaid || order.isStopped || order.payAtMs > nowMs) continue;
        order.isPaid = true;
        this.words.push({ status: 'paid', order });
        if (this.random.chance(0.15)) this.words.push({ status: 'paid', order });
      }
      while (this.words.length > 0 && this.inFlight < IN_FLIGHT_MAX) void this.tell(this.words.shift() as Word);
      await sleep(50);
    }
    await this.producer.disconnect().catch(() => undefined);
  }

  close(): void {
    this.open = false;
  }

  private async tell(word: Word): Promise<void> {
    this.inFlight += 1;
    const byTopic = this.random.chance(0.5);
    while (this.open && !(await (byTopic ? this.produce(word) : this.post(word)))) await sleep(500);
    word.order.isSettled = true;
    this.inFlight -= 1;
  }

  private async post({ status, order }: Word): Promise<boolean> {
    const compensation = this.compensations[this.turn++ % this.compensations.length] as Instance;
    try {
      const answer = await fetch(`http://127.0.0.1:${compensation.port}/settlements`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.key}`,
          'content-type': 'application/json',
          'idempotency-key': `${status}-${order.lineId}`,
        },
        body: JSON.stringify({ lineId: order.lineId, status, ...settlementOf(order) }),
        signal: AbortSignal.timeout(15_000),
      });
      const text = await answer.text();
      // 404: this database does not know the line yet, such as one that was restored.
      const known = answer.status < 400 || answer.status >= 500 || answer.status === 404 || answer.status === 429;
      if (!known) this.refusals.push(`compensation answered ${answer.status}: ${text.slice(0, 300)}`);
      return answer.ok || !known;
    } catch {
      return false;
    }
  }

  private async produce({ status, order }: Word): Promise<boolean> {
    try {
      await this.producer.connect();
      const event = {
        specversion: '1.0',
        id: `${status}-${order.lineId}`,
        source: 'https://chaos.example/bank',
        type: `makegood.settlement.${status}`,
        subject: order.compensationId,
        time: new Date(order.payAtMs).toISOString(),
        data: { lineId: order.lineId, ...settlementOf(order) },
      };
      const headers = { 'content-type': 'application/cloudevents+json' };
      const messages = [{ key: order.compensationId, value: JSON.stringify(event), headers }];
      await this.producer.send({ topic: 'makegood.settlements.v1', acks: -1, messages });
      return true;
    } catch {
      return false;
    }
  }
}

const settlementOf = ({ lineId, amountMinor, payAtMs }: Order) => ({
  reference: `bank-${lineId}`,
  paidAt: new Date(payAtMs).toISOString(),
  amount: { amountMinor, currency: 'EUR' },
});
