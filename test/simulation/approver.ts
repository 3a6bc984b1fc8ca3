import { encodeCloudEvent, partitionOf, TOPICS, type CompensationNoticeEvent } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { Broker } from './broker.js';
import { SHARDS } from './services.js';
import { Listener } from './listener.js';
import type { Scheduler } from './scheduler.js';

const WAYS = ['two', 'two', 'one', 'same-twice', 'reject', 'wrong-amount', 'slow', 'never'] as const;

/** Of the lines that only the breaker holds. */
const LEFT_TO_OPERATIONS = 0.7;

/** People who decide about held lines: in time, late, twice, of another amount, or not at all. */
export class Approver extends Listener<CompensationNoticeEvent> {
  private told = 0;

  constructor(scheduler: Scheduler, broker: Broker) {
    super('approver', TOPICS.compensations, scheduler, broker);
  }

  protected hear({ type, subject, data }: CompensationNoticeEvent): void {
    if (!type.endsWith('.held') || this.heard.has(data.lineId)) return;
    this.heard.add(data.lineId);
    const { random } = this.scheduler;
    if (data.reason === 'breaker' && random.chance(LEFT_TO_OPERATIONS)) return;
    const way = random.pick(WAYS);
    const minor = data.amount?.amountMinor ?? 0;
    const soon = (verb: 'approve' | 'reject', by: string, amountMinor = minor, leastMs = 0): void => {
      const delayMs = random.int(leastMs, leastMs + 4_000);
      this.later(() => {
        for (let times = random.int(1, 2); times > 0; times--)
          this.tell(subject, verb, { lineId: data.lineId, by, amount: { amountMinor, currency: 'EUR' } });
      }, delayMs);
    };
    if (way === 'two' || way === 'one') soon('approve', 'ada');
    if (way === 'two') soon('approve', 'ben');
    if (way === 'same-twice') for (let i = 0; i < 2; i++) soon('approve', 'ada');
    if (way === 'reject') soon('reject', 'ada');
    if (way === 'wrong-amount') soon('approve', 'ada', minor + 1);
    if (way === 'slow') for (const by of ['ada', 'ben']) soon('approve', by, minor, 20_000);
  }

  /** Each decision under an id of its own, as two presses of a button are. @param key the compensation's id. */
  private tell(key: string, verb: string, data: Readonly<Record<string, unknown>>): void {
    const event = {
      specversion: '1.0' as const,
      id: `decision-${this.told++}`,
      source: 'urn:people',
      type: `makegood.line.${verb}`,
      subject: key,
      time: formatInstant(this.broker.clockMs),
      data,
    };
    const partition = partitionOf(key, SHARDS);
    this.broker.append({ topic: TOPICS.settlements, partition, key, value: encodeCloudEvent(event) });
  }
}
