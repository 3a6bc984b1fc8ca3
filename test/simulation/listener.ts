import { TOPICS } from '#libs/contracts';
import type { Broker } from './broker.js';
import { SHARDS } from './host.js';
import { Process, type Scheduler } from './scheduler.js';

/** Somebody outside who reads all that compensation says, and answers in a time of their own. */
export abstract class Listener<Event> {
  protected readonly heard = new Set<string>();
  private readonly process: Process;
  private readonly positions = new Map<number, number>();
  private pending = 0;

  constructor(
    name: string,
    protected readonly scheduler: Scheduler,
    protected readonly broker: Broker,
  ) {
    this.process = new Process(name);
    for (let partition = 0; partition < SHARDS; partition++) void this.read(partition);
  }

  /** Everything that was said is read and answered. */
  isIdle(): boolean {
    if (this.pending > 0) return false;
    for (let partition = 0; partition < SHARDS; partition++)
      if ((this.positions.get(partition) ?? 0) < this.broker.endOf(TOPICS.compensations, partition)) return false;
    return true;
  }

  protected abstract hear(event: Event): void;

  protected later(work: () => void, delayMs: number): void {
    this.pending++;
    this.scheduler.after(delayMs, this.process, () => {
      this.pending--;
      work();
    });
  }

  private async read(partition: number): Promise<void> {
    for (let position = 0; ;) {
      await this.broker.whenThereIs(this.process, TOPICS.compensations, partition, position);
      const { records, lastOffset } = this.broker.fetch(TOPICS.compensations, partition, position, 100);
      for (const { value } of records) this.hear(JSON.parse(value.toString()) as Event);
      position = lastOffset + 1;
      this.positions.set(partition, position);
    }
  }
}
