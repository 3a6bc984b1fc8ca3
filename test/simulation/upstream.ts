import { CLOUD_EVENT_JSON, TOPICS } from '#libs/contracts';
import type { Broker } from './broker.js';
import type { Mischief } from './gremlin.js';
import type { Door } from './intake.js';
import type { Scheduler } from './scheduler.js';
import type { Step } from './workload.js';

const PATIENCE_MS = 8_000;
const REFUSED = [400, 403, 413];

/** Sources that tell intake: over HTTP, again and again until it is acknowledged or refused for good, or by makegood.ingress.v1. */
export class Upstream {
  /** Texts that intake has acknowledged, and such as it has refused. */
  readonly acknowledged = new Set<string>();
  readonly refused = new Set<string>();
  /** Everything that was ever posted. */
  readonly posted = new Set<string>();
  private waiting = 0;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly broker: Broker,
    private readonly mischief: Mischief,
    private readonly doors: () => readonly Door[],
  ) {}

  isIdle(): boolean {
    return this.waiting === 0;
  }

  tell({ record, way }: Step): void {
    if (way === 'ingress') return void this.broker.append({ ...record, topic: TOPICS.ingress });
    this.posted.add(record.value);
    this.waiting++;
    this.post(record.value);
  }

  private post(text: string): void {
    const { random } = this.scheduler;
    const door = random.pick(this.doors());
    let isOver = false;
    const end = (work: () => void): void => {
      if (!isOver) work();
      isOver = true;
    };
    const again = (): void => void this.scheduler.after(random.int(100, 2_000), null, () => this.post(text));
    if (door === undefined) return again();
    const answered = (status: number): void => {
      if (status !== 202 && !REFUSED.includes(status)) return again();
      (status === 202 ? this.acknowledged : this.refused).add(text);
      if (random.chance(0.1)) return again(); // unsure all the same
      this.waiting--;
    };
    this.scheduler.after(PATIENCE_MS, null, () => end(again)); // no answer: it may have counted
    this.scheduler.after(random.int(0, 40), door.process, async () => {
      void door.post(CLOUD_EVENT_JSON, Buffer.from(text)).then((status) => {
        if (this.mischief.strikes('HTTP answer lost', 0.05)) return;
        this.scheduler.after(random.int(0, 40), door.process, () => end(() => answered(status)));
      });
    });
  }
}
