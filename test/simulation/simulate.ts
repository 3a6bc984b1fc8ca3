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
import { Feed } from './feed.js';
import { restOf, stuckAt } from './rest.js';
import { Releaser } from './releaser.js';
import { Scheduler } from './scheduler.js';
import { SERVICES, servicesOf, SHARDS, topicsOf, type ServiceName } from './services.js';
import type { DatabaseFate } from './store.js';
import type { Stores } from './stores.js';
import { Upstream } from './upstream.js';
import { storyIn } from './story.js';
import { makeWorkload, type Step } from './workload.js';

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

const POISONED_SEEDS = 0.35;

/** One seed from an empty log to rest, and what was wrong at its end. */
export async function simulate(seed: number, databases: Stores, limits: Limits = NO_LIMITS): Promise<Outcome> {
  const random = new Random(seed);
  const services = servicesOf(seed);
  const opened = await Promise.all(services.map(async (name) => [name, await databases.of(name)] as const));
  const stores = Object.fromEntries(opened) as unknown as Surroundings['stores'];
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
    await scheduler.run(await restOf(world, isAnswered));
    await feed.closing(scheduler);
    await scheduler.run(await restOf(world, isAnswered));
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
    violations.push(`${(error as Error).message} ${await stuckAt(world)}`);
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
