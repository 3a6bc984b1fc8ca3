import { partitionCountOf } from '#libs/contracts';
import type { Broker } from './broker.js';
import { SHARDS } from './services.js';
import { Process, type Scheduler } from './scheduler.js';

/** Somebody outside who reads a topic of ours, and answers in a time of their own. */
export abstract class Listener<Event> {
  protected readonly heard = new Set<string>();
  private readonly process: Process;
  private readonly positions = new Map<number, number>();
  private pending = 0;

  constructor(
    name: string,
    private readonly topic: string,
    protected readonly scheduler: Scheduler,
    protected readonly broker: Broker,
  ) {
    this.process = new Process(name);
    for (let partition = 0; partition < this.partitions; partition++) void this.read(partition);
  }

  /** Everything that was said is read and answered. */
  isIdle(): boolean {
    if (this.pending > 0) return false;
    for (let partition = 0; partition < this.partitions; partition++)
      if ((this.positions.get(partition) ?? 0) < this.broker.endOf(this.topic, partition)) return false;
    return true;
  }

  private get partitions(): number {
    return partitionCountOf(this.topic, SHARDS);
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
      await this.broker.whenThereIs(this.process, this.topic, partition, position);
      const { records, lastOffset } = this.broker.fetch(this.topic, partition, position, 100);
      for (const { value } of records) this.hear(JSON.parse(value.toString()) as Event);
      position = lastOffset + 1;
      this.positions.set(partition, position);
    }
  }
}
