import { encodeCloudEvent, partitionOf, SETTLEMENT_PREFIX, TOPICS, type LineEvent } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { Broker } from './broker.js';
import { SHARDS } from './services.js';
import { Listener } from './listener.js';
import type { Scheduler } from './scheduler.js';

/** Finance pays a key at most once, as it likes: whole, in parts, after a failure; and tells it as often as it likes. */
export class Finance extends Listener<LineEvent> {
  /** By line: what really left the till. */
  readonly paidMinor = new Map<string, number>();
  /** Lines of which one payment was told with two amounts. */
  readonly slips = new Set<string>();
  private eventCount = 0;

  constructor(scheduler: Scheduler, broker: Broker) {
    super('finance', TOPICS.compensations, scheduler, broker);
  }

  /** Word about a line that nobody has asked for. */
  tellNonsense(): void {
    this.tell('00000000-0000-5000-8000-000000000000', 'paid', 'R-nobody', 1_000);
  }

  protected hear({ type, data }: LineEvent): void {
    if (!type.endsWith('.requested') || !data.amount || this.heard.has(data.idempotencyKey)) return;
    this.heard.add(data.idempotencyKey);
    const { random } = this.scheduler;
    const { lineId, amount } = data;
    const whole = amount.amountMinor;
    const way = random.pick(['whole', 'whole', 'parts', 'failed', 'stopped', 'slow', 'conflict', 'never'] as const);
    const soon = (work: () => void, delayMs = random.int(0, 3_000)): void => this.later(work, delayMs);
    if (way === 'whole') soon(() => this.pay(lineId, 'R1', whole, random.int(1, 3)));
    if (way === 'slow') soon(() => this.pay(lineId, 'R1', whole, 1), random.int(5_000, 30_000));
    if (way === 'parts') {
      const first = random.int(1, Math.max(1, whole - 1));
      soon(() => this.pay(lineId, 'R1', first, random.int(1, 2)));
      if (whole > first) soon(() => this.pay(lineId, 'R2', whole - first, random.int(1, 2)));
    }
    if (way === 'failed') soon(() => this.tell(lineId, 'failed', 'R1'));
    if (way === 'stopped') soon(() => this.tell(lineId, 'stopped', 'R1'));
    if (way === 'conflict') {
      soon(() => {
        this.pay(lineId, 'R1', whole, 1);
        this.tell(lineId, 'paid', 'R1', whole + 1); // a slip of theirs: the money moved once
        this.slips.add(lineId);
      });
    }
  }

  private pay(lineId: string, reference: string, amountMinor: number, times: number): void {
    this.paidMinor.set(lineId, (this.paidMinor.get(lineId) ?? 0) + amountMinor);
    for (let i = 0; i < times; i++) this.tell(lineId, 'paid', reference, amountMinor);
  }

  private tell(lineId: string, status: string, reference: string, amountMinor?: number): void {
    const paidAt = formatInstant(this.broker.clockMs);
    const event = {
      specversion: '1.0' as const,
      id: `finance-${this.eventCount++}`,
      source: 'urn:finance',
      type: `${SETTLEMENT_PREFIX}${status}`,
      subject: lineId,
      time: paidAt,
      data: { lineId, reference, paidAt, ...(amountMinor ? { amount: { amountMinor, currency: 'EUR' } } : {}) },
    };
    const partition = partitionOf(lineId, SHARDS);
    const record = { topic: TOPICS.settlements, partition, key: lineId, value: encodeCloudEvent(event) };
    this.broker.append(record);
    // Whoever did not get the acknowledgement sends it again: the same bytes, at once or much later.
    const { random } = this.scheduler;
    if (random.chance(0.2)) this.later(() => this.broker.append(record), random.pick([0, 500, 20_000]));
  }
}
