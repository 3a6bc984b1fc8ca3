import { Aim, type Blow } from './aim.js';
import { startInstance, type Surroundings } from './host.js';
import type { Random } from '../seeded/random.js';
import type { Process } from './scheduler.js';
import type { ServiceName } from './services.js';
import type { Committed } from './store.js';

/** How often each fault has struck. */
export type Faults = Map<string, number>;

const MISCHIEF_EVERY_MS_MAX = 3_000;
/** How old the copies are that a database is put back to: one of these for a seed, and up to twice as much. */
const COPIED_EVERY_MS = [300, 1_500, 6_000] as const;
/** Of what strikes a service. What sla-timer knows is a fold of its log; compensation's shards also hang on each other, and what loyalty says on how topics interleave. */
const PUT_BACK_CHANCE: Readonly<Record<ServiceName, number>> = {
  'sla-timer': 0.1,
  compensation: 0.5,
  loyalty: 0.4,
  intake: 0.2,
};
/** After a moment that was aimed at: at once, before anything is told, before it is acknowledged, before others have followed. */
const AFTER_MS_MAX = [0, 30, 600, 5_000] as const;
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
    const { services, stores, scheduler } = this.world;
    for (const name of services) for (let i = 0; i < 2; i++) this.launch(name);
    for (const name of services) {
      const aim = new Aim(scheduler.random.fork(), () => this.drawBlow(name));
      stores[name].onCommit = (committed) => this.hear(name, aim, committed);
      if (this.putsBack) this.copy(name, scheduler.random.pick(COPIED_EVERY_MS));
    }
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

  private copy(name: ServiceName, everyMs: number): void {
    const { scheduler, stores } = this.world;
    scheduler.after(scheduler.random.int(everyMs / 2, everyMs * 2), null, () => {
      if (this.mischief.isOver) return;
      stores[name].backUp();
      this.copy(name, everyMs);
    });
  }

  /** Something was decided: perhaps its service is struck right then. */
  private hear(name: ServiceName, aim: Aim, committed: Committed): void {
    if (this.mischief.isOver) return;
    const { scheduler } = this.world;
    const blow = aim.at(committed);
    if (blow === null) return;
    const delayMs = scheduler.random.int(0, scheduler.random.pick(AFTER_MS_MAX));
    scheduler.after(delayMs, null, () => {
      if (this.mischief.strikes(`${blow} aimed`, 1)) this.hit(name, committed.process, blow);
    });
  }

  private plan(): void {
    const { scheduler } = this.world;
    scheduler.after(scheduler.random.int(50, MISCHIEF_EVERY_MS_MAX), null, () => {
      if (this.mischief.isOver) return;
      const name = scheduler.random.pick(this.world.services);
      const process = scheduler.random.pick(this.alive(name));
      if (process !== undefined) this.strike(name, process);
      this.plan();
    });
  }

  private strike(name: ServiceName, process: Process): void {
    const { scheduler } = this.world;
    if (this.mischief.strikes('clock skewed', 0.25)) process.skewMs = scheduler.random.int(-3_600_000, 3_600_000);
    const blow = this.drawBlow(name);
    if (this.mischief.strikes(blow, 0.7)) this.hit(name, process, blow);
  }

  private drawBlow(name: ServiceName): Blow {
    const { random } = this.world.scheduler;
    if (this.putsBack && random.chance(PUT_BACK_CHANCE[name])) return 'put back';
    return random.pick(['crash', 'crash', 'pause', 'pause', 'rebalance'] as const);
  }

  private hit(name: ServiceName, process: Process, blow: Blow): void {
    if (!process.isAlive) return;
    if (blow === 'crash') this.crash(name, process);
    else if (blow === 'pause') this.pause(name, process);
    else if (blow === 'rebalance') this.world.groups[name].rebalance();
    else if (this.world.stores[name].hasBackup) this.putBack(name);
  }

  private crash(name: ServiceName, process: Process): void {
    const { scheduler, groups, stores } = this.world;
    process.isAlive = false;
    stores[name].endSessionsOf(process);
    scheduler.after(scheduler.random.int(100, 8_000), null, () => groups[name].leave(process));
    scheduler.after(scheduler.random.int(0, 6_000), null, () => !this.mischief.isOver && this.launch(name));
  }

  /** It may be a zombie when it goes on: others have what was its own, and it has not heard of that. */
  private pause(name: ServiceName, process: Process): void {
    const { scheduler, groups } = this.world;
    const lengthMs = scheduler.random.int(500, 20_000);
    process.pausedUntilMs = scheduler.nowMs + lengthMs;
    if (lengthMs > 3_000)
      scheduler.after(scheduler.random.int(1_000, lengthMs), null, () => groups[name].leave(process));
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
