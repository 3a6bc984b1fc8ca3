import { TOPICS } from '#libs/contracts';
import type { Broker } from './broker.js';
import type { Surroundings } from './host.js';
import { OFFSETS, REST_MS } from './rest.js';
import type { Scheduler } from './scheduler.js';
import { SHARDS } from './services.js';
import { DAY_MS } from './terms.js';
import type { Upstream } from './upstream.js';
import { BUSY_UNTIL_MS, END_MS, type Step } from './workload.js';

const LOOK_AGAIN_MS = 500;

/** Upstream and intake: they append at their own pace, the broker's clock going with them. */
export class Feed {
  isOver = false;
  private readUpTo: readonly number[] = [];

  constructor(
    private readonly scheduler: Scheduler,
    private readonly broker: Broker,
    private readonly work: {
      readonly steps: readonly Step[];
      readonly upstream: Upstream;
      readonly stores: Surroundings['stores'];
      readonly hasIntake: boolean;
    },
    /** The quiet days begin when nobody has anything to do: a letter is decided within days, not weeks. */
    private readonly mayBeQuiet: () => boolean,
  ) {}

  start(index = 0): void {
    const step = this.work.steps[index];
    if (!step) {
      this.isOver = true;
      return;
    }
    if (step.atMs >= BUSY_UNTIL_MS && !this.mayBeQuiet())
      return this.scheduler.after(LOOK_AGAIN_MS, null, () => this.start(index));
    const delayMs = step.isTick ? 0 : this.scheduler.random.int(0, 250);
    this.scheduler.after(delayMs, null, async () => {
      // Intake's ticker waits for facts in ingress: no deadline passes while the news lies there unread.
      if (step.isTick && this.work.hasIntake && (await this.isIngressUnread()))
        return this.scheduler.after(LOOK_AGAIN_MS, null, () => this.start(index));
      this.broker.clockMs = Math.max(this.broker.clockMs, step.atMs);
      if (step.way) this.work.upstream.tell(step);
      else this.broker.append(step.record);
      this.start(index + 1);
    });
  }

  private async isIngressUnread(): Promise<boolean> {
    const ends = Array.from({ length: SHARDS }, (_, shard) => this.broker.endOf(TOPICS.ingress, shard));
    if (ends.every((end, shard) => end === this.readUpTo[shard])) return false;
    if (this.work.stores.intake.isWriting) return true;
    const rows = await this.work.stores.intake.look<{ shard: number; topic: string; next: number }>(OFFSETS);
    const nextOf = (shard: number): number =>
      rows.find((row) => row.shard === shard && row.topic === TOPICS.ingress)?.next ?? 0;
    if (ends.some((end, shard) => nextOf(shard) < end)) return true;
    this.readUpTo = ends;
    return false;
  }

  /** Days later: what waits for time alone comes to its end. */
  async closing(scheduler: Scheduler): Promise<void> {
    const last = this.work.steps.filter(({ isTick }) => isTick).slice(-SHARDS);
    // The first tick after a silence ends the silence, the others tell the time.
    for (const days of [3, 3.5, 4]) {
      this.broker.clockMs = END_MS + days * DAY_MS;
      for (const { record } of last) this.broker.append(record);
      const untilMs = scheduler.nowMs + REST_MS;
      scheduler.after(REST_MS, null, () => undefined);
      await scheduler.run(() => scheduler.nowMs >= untilMs);
    }
  }
}
