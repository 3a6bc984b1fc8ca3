import { TOPICS } from '#libs/contracts';
import { Approver } from './approver.js';
import { Broker, type SendFate } from './broker.js';
import { settlementsIn, violationsOf } from './checks.js';
import { Defects, NO_DEFECTS } from './defects.js';
import { Finance } from './finance.js';
import { Group } from './group.js';
import { Gremlin, Mischief, type Faults } from './gremlin.js';
import type { Surroundings } from './host.js';
import type { Door } from './intake.js';
import { Operator } from './operator.js';
import { Random } from '../seeded/random.js';
import { Releaser } from './releaser.js';
import { Scheduler } from './scheduler.js';
import { SERVICES, servicesOf, SHARDS, topicsOf, type ServiceName } from './services.js';
import type { DatabaseFate, Store } from './store.js';
import { DAY_MS } from './terms.js';
import { Upstream } from './upstream.js';
import { BUSY_UNTIL_MS, END_MS, makeWorkload, type Step } from './workload.js';

export type Stores = Readonly<Record<ServiceName, Store>>;

/** What may be left out of a run to find the smallest that still fails. */
export interface Limits {
  /** Of the events that are no ticks, so many from the first. */
  readonly eventsMax: number;
  /** After so many faults none is injected any more. */
  readonly faultsMax: number;
  /** Databases are put back to older copies of themselves, too. */
  readonly putsBack: boolean;
}

export const NO_LIMITS: Limits = { eventsMax: Infinity, faultsMax: Infinity, putsBack: true };

export interface Outcome {
  readonly violations: readonly string[];
  readonly steps: number;
  readonly events: number;
  readonly settlements: number;
  readonly faults: Faults;
  /** Everything on the topics that names a subject, in words for whoever looks for the cause. */
  readonly storyOf: (subject: string) => string[];
}

const REST_MS = 4_000;
const LOOK_AGAIN_MS = 500;
const POISONED_SEEDS = 0.5;

/** One seed from an empty log to rest, and what was wrong at its end. */
export async function simulate(seed: number, stores: Stores, limits: Limits = NO_LIMITS): Promise<Outcome> {
  const random = new Random(seed);
  const services = servicesOf(seed);
  const steps = limited(makeWorkload(random.fork(), services), limits.eventsMax);
  const scheduler = new Scheduler(random.fork());
  const mischief = new Mischief(random.fork(), limits.faultsMax);
  const databaseFate = (): DatabaseFate =>
    mischief.strikes('database refused', 0.004)
      ? 'refused'
      : mischief.strikes('database answer lost', 0.004)
        ? 'answer-lost'
        : 'done';
  const sendFate = (): SendFate =>
    mischief.strikes('broker refused', 0.04)
      ? 'refused'
      : mischief.strikes('acknowledgement lost', 0.06)
        ? 'ack-lost'
        : mischief.strikes('partly appended', 0.03)
          ? 'partly-appended'
          : 'done';
  const gap = (): number => (mischief.strikes('gap of offsets', 0.02) ? 2 : 0);
  const broker = new Broker(scheduler, SHARDS, sendFate, gap);
  for (const name of services) await stores[name].reset(scheduler, databaseFate);
  const hasIntake = services.includes('intake');
  if (hasIntake) await stores.intake.look('update control_copy set sets_copied = 1'); // the first terms are in every shard's log
  const group = (name: ServiceName): Group => new Group(scheduler, broker, topicsOf(name), SHARDS);
  const violations: string[] = [];
  // A log that is read again by mended services tells other things than before: not in one seed.
  const defects = random.chance(POISONED_SEEDS) ? new Defects(true, seed) : NO_DEFECTS;
  let isOver = false;
  const world: Surroundings = {
    scheduler,
    broker,
    stores,
    groups: Object.fromEntries(SERVICES.map((name) => [name, group(name)])) as Record<ServiceName, Group>,
    doors: [],
    services,
    violations,
    defects,
    isOver: () => isOver,
  };
  const finance = new Finance(scheduler, broker);
  const approver = new Approver(scheduler, broker);
  const releaser = new Releaser(scheduler, broker);
  const operator = new Operator(scheduler, broker, defects);
  const livingDoors = (): Door[] => world.doors.filter(({ process }) => process.isAlive);
  const upstream = new Upstream(scheduler, broker, mischief, livingDoors);
  const feed = new Feed(scheduler, broker, { steps, upstream, stores, hasIntake }, () => operator.isIdle());
  const gremlin = new Gremlin(world, mischief, limits.putsBack && !defects.exist);
  const people = [finance, approver, releaser, operator, upstream];
  const isAnswered = (): boolean => people.every((each) => each.isIdle()) && !gremlin.isBusy();
  try {
    feed.start();
    gremlin.start();
    await scheduler.run(() => feed.isOver);
    mischief.isOver = true;
    gremlin.stop();
    finance.tellNonsense();
    await scheduler.run(await restOf(world, isAnswered, stores));
    await feed.closing(scheduler);
    await scheduler.run(await restOf(world, isAnswered, stores));
    violations.push(
      ...(await violationsOf({
        broker,
        finance,
        defects,
        operator,
        upstream,
        timer: stores['sla-timer'],
        money: stores.compensation,
        scores: services.includes('loyalty') ? stores.loyalty : null,
        hasIntake,
      })),
    );
    for (const name of services)
      for (const place of world.groups[name].halted) violations.push(`liveness: ${place} halted`);
  } catch (error) {
    violations.push(`${(error as Error).message} ${await stuckAt(world, stores)}`);
  }
  isOver = true;
  const events = broker.all(TOPICS.events).length;
  const storyOf = (subject: string): string[] => storyIn(broker, subject);
  return {
    violations,
    steps: scheduler.steps,
    events,
    settlements: settlementsIn(broker),
    faults: new Map([...mischief.counts, ...operator.counts]),
    storyOf,
  };
}

function limited(steps: readonly Step[], eventsMax: number): Step[] {
  let events = 0;
  return steps.filter(({ isTick, record }) => isTick || record.key === 'guarantees' || events++ < eventsMax);
}

/** Upstream and intake: they append at their own pace, the broker's clock going with them. */
class Feed {
  isOver = false;
  private readUpTo: readonly number[] = [];

  constructor(
    private readonly scheduler: Scheduler,
    private readonly broker: Broker,
    private readonly work: {
      readonly steps: readonly Step[];
      readonly upstream: Upstream;
      readonly stores: Stores;
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

/** Everything read, published, paid and passed on, and still so a while later. */
async function restOf(world: Surroundings, isAnswered: () => boolean, stores: Stores): Promise<() => boolean> {
  const { scheduler } = world;
  let isAtRest = false;
  let calmSinceMs: number | null = null;
  const look = async (): Promise<void> => {
    const calm = isAnswered() && (await isDrained(world, stores));
    calmSinceMs = calm ? (calmSinceMs ?? scheduler.nowMs) : null;
    isAtRest = calmSinceMs !== null && scheduler.nowMs - calmSinceMs >= REST_MS;
    if (!isAtRest) scheduler.after(1_000, null, look);
  };
  scheduler.after(0, null, look);
  return () => isAtRest;
}

const OFFSETS = `select shard, topic, next_offset as next from shard_offset`;

async function isDrained(world: Surroundings, stores: Stores): Promise<boolean> {
  return (await lagOf(world, stores)) === '';
}

async function lagOf({ broker, services }: Surroundings, stores: Stores): Promise<string> {
  const lag: string[] = [];
  for (const name of services) {
    const offsets = await stores[name].look<{ shard: number; topic: string; next: number }>(OFFSETS);
    for (const topic of topicsOf(name)) {
      for (let shard = 0; shard < SHARDS; shard++) {
        const next = offsets.find((row) => row.shard === shard && row.topic === topic)?.next ?? 0;
        const end = broker.endOf(topic, shard);
        if (next < end) lag.push(`${name} ${topic}/${shard} ${next} of ${end}`);
      }
    }
    const [outbox] = await stores[name].look<{ rows: number }>('select count(*) as rows from outbox');
    if (outbox?.rows) lag.push(`${name} outbox ${outbox.rows}`);
    const [parked] = await stores[name].look<{ rows: number }>('select count(*) as rows from parked_record');
    if (parked?.rows) lag.push(`${name} parked ${parked.rows}`);
  }
  return lag.join(', ');
}

async function stuckAt(world: Surroundings, stores: Stores): Promise<string> {
  const lag = await lagOf(world, stores).catch((error: Error) => error.message);
  return `(left: ${lag || 'nothing'})`;
}

function storyIn(broker: Broker, subject: string): string[] {
  const lineIds = new Set<string>();
  const story: string[] = [];
  for (const topic of [
    TOPICS.events,
    TOPICS.promises,
    TOPICS.compensations,
    TOPICS.settlements,
    TOPICS.signals,
    TOPICS.loyalty,
    TOPICS.deadLetters,
  ]) {
    for (const { partition, offset, timestampMs, value } of broker.all(topic)) {
      const text = value.toString();
      const { data } = JSON.parse(text) as { data: { lineId?: string } };
      const isAbout = text.includes(`"${subject}"`) || (data.lineId !== undefined && lineIds.has(data.lineId));
      if (!isAbout) continue;
      if (data.lineId !== undefined) lineIds.add(data.lineId);
      story.push(`${topic}/${partition}@${offset} ${new Date(timestampMs).toISOString()} ${text}`);
    }
  }
  return story;
}
