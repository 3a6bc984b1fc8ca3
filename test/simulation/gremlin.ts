import { startInstance, type Surroundings } from './host.js';
import type { Random } from '../seeded/random.js';
import type { Process } from './scheduler.js';
import type { ServiceName } from './services.js';

/** How often each fault has struck. */
export type Faults = Map<string, number>;

const MISCHIEF_EVERY_MS_MAX = 2_500;
/** Of each turn of mischief; where it is put back lies some turns later. */
const BACKUP_CHANCE = 0.25;
/** Of each later turn. What sla-timer knows is a fold of its log; compensation's shards also hang on each other, and what loyalty says on how topics interleave. */
const PUT_BACK_CHANCE: Readonly<Record<ServiceName, number>> = {
  'sla-timer': 0.1,
  compensation: 0.5,
  loyalty: 0.4,
  intake: 0.2,
};
/** A request is at the broker by then, or never. */
const IN_FLIGHT_MS = 4_000;

/** Counts each fault, and refuses more when the limit is reached or the time of faults is over. */
export class Mischief {
  readonly counts: Faults = new Map();
  isOver = false;
  private total = 0;

  constructor(
    private readonly random: Random,
    private readonly max: number,
  ) {}

  strikes(name: string, probability: number): boolean {
    if (this.isOver || !this.random.chance(probability) || this.total >= this.max) return false;
    this.total++;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    return true;
  }
}

/** Kills, stops, starts, skews, rebalances. */
export class Gremlin {
  private readonly instances = new Map<ServiceName, Process[]>();
  private readonly closed = new Set<ServiceName>();
  private started = 0;

  constructor(
    private readonly world: Surroundings,
    private readonly mischief: Mischief,
    private readonly putsBack: boolean,
  ) {}

  start(): void {
    for (const name of this.world.services) for (let i = 0; i < 2; i++) this.launch(name);
    this.plan();
  }

  /** From now on everything stays up. */
  stop(): void {
    for (const name of this.world.services) if (this.alive(name).length === 0) this.launch(name);
  }

  private alive(name: ServiceName): Process[] {
    return (this.instances.get(name) ?? []).filter(({ isAlive }) => isAlive);
  }

  private launch(name: ServiceName): void {
    if (this.closed.has(name)) return;
    const process = startInstance(name, `#${++this.started}`, this.world);
    this.instances.set(name, [...(this.instances.get(name) ?? []), process]);
  }

  private plan(): void {
    const { scheduler } = this.world;
    scheduler.after(scheduler.random.int(50, MISCHIEF_EVERY_MS_MAX), null, () => {
      if (this.mischief.isOver) return;
      const name = scheduler.random.pick(this.world.services);
      if (this.putsBack && scheduler.random.chance(BACKUP_CHANCE)) this.world.stores[name].backUp();
      this.strike(name);
      this.plan();
    });
  }

  private strike(name: ServiceName): void {
    const { scheduler, groups, stores } = this.world;
    const process = scheduler.random.pick(this.alive(name));
    if (process === undefined) return;
    if (this.putsBack && stores[name].hasBackup && this.mischief.strikes('database put back', PUT_BACK_CHANCE[name]))
      return this.putBack(name);
    if (this.mischief.strikes('crash', 0.35)) {
      process.isAlive = false;
      stores[name].endSessionsOf(process);
      scheduler.after(scheduler.random.int(100, 8_000), null, () => groups[name].leave(process));
      scheduler.after(scheduler.random.int(0, 6_000), null, () => !this.mischief.isOver && this.launch(name));
    } else if (this.mischief.strikes('pause', 0.35)) {
      const lengthMs = scheduler.random.int(500, 20_000);
      process.pausedUntilMs = scheduler.nowMs + lengthMs;
      if (lengthMs > 3_000)
        scheduler.after(scheduler.random.int(1_000, lengthMs), null, () => groups[name].leave(process));
    } else if (this.mischief.strikes('rebalance', 0.4)) groups[name].rebalance();
    else if (this.mischief.strikes('clock skewed', 0.5)) process.skewMs = scheduler.random.int(-3_600_000, 3_600_000);
  }

  /** The service is ended, its database becomes an older copy of itself, the service starts: the topics know more. */
  private putBack(name: ServiceName): void {
    const { scheduler, groups, stores } = this.world;
    const ended = this.alive(name);
    for (const process of ended) {
      process.isAlive = false;
      groups[name].leave(process);
    }
    this.closed.add(name);
    // Nobody starts before what the dead have sent is there: putting a database back takes longer than that.
    scheduler.after(IN_FLIGHT_MS, null, () => {
      stores[name].putBack();
      this.closed.delete(name);
      for (const _ of ended) scheduler.after(scheduler.random.int(0, 6_000), null, () => this.launch(name));
    });
  }

  /** A service is down for its database: the run is not over. */
  isBusy(): boolean {
    return this.closed.size > 0;
  }
}
