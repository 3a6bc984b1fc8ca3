import { TOPICS } from '#libs/contracts';
import { publisherOver, type LogReader, type RecordProducer } from '#libs/messaging';
import type { Logger } from '#libs/observability';
import type { Database } from '#libs/persistence';
import { MAIN, OutboxRelay, ShardDatabases, ShardLog, type ShardProcessor } from '#libs/shard-log';
import { TickRelay } from '../../apps/sla-timer/src/ticks/tick-relay.js';
import { ControlFollower } from '../../libs/service/src/control-follower.js';
import type { Broker } from './broker.js';
import { DEFECT, type Defects } from './defects.js';
import type { Group } from './group.js';
import { openIntake, type Door } from './intake.js';
import { Process, type Scheduler } from './scheduler.js';
import { optionsOf, processorOf, topicsOf, type ServiceName } from './services.js';
import type { Store } from './store.js';
import { onlyDecided, watched } from './watch.js';

const OUTBOX_POLL_MS = 2_000;
const CONTROL_POLL_MS = 1_000;

export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly broker: Broker;
  readonly stores: Readonly<Record<ServiceName, Store>>;
  readonly groups: Readonly<Record<ServiceName, Group>>;
  readonly violations: string[];
  readonly defects: Defects;
  readonly isOver: () => boolean;
  /** Who runs in this seed. */
  readonly services: readonly ServiceName[];
  /** Instances of intake that were ever started. */
  readonly doors: Door[];
}

/** One instance of a service: its real parts on simulated ports, put together as its module and runService do it. */
export function startInstance(name: ServiceName, id: string, world: Surroundings): Process {
  const process = new Process(`${name} ${id}`);
  const { scheduler, broker } = world;
  const clock = scheduler.clockOf(process);
  const claims = new Map<number, number>();
  const database = world.stores[name].open(process, (shard, epoch) => claims.set(shard, epoch));
  const options = optionsOf(name);
  const outputTopic = options.outputTopic;
  const producer = broker.producerFor(process);
  const relay = new OutboxRelay({
    database,
    publisher: publisherOver(onlyDecided(producer, world.stores[name], world.violations, process.name)),
    clock,
    outputTopic,
    onError: () => undefined,
  });
  const reader = broker.readerFor(process) as LogReader;
  const processor = name === 'intake' ? openDoor(process, producer, world) : processorOf(name, options);
  const shardLog = new ShardLog({
    service: name,
    databases: new ShardDatabases(database),
    relays: new Map([[MAIN, relay]]),
    reader,
    clock,
    topics: topicsOf(name),
    outputTopic,
    deadLettersTopic: TOPICS.deadLetters,
    processor: watched(processor, claims, world, process.name),
    log: quietLog(world.violations, process.name),
  });
  world.groups[name].join({
    process,
    handle: (batch) => shardLog.process(batch),
    onAssignment: (shards) => shardLog.retain(shards),
  });
  const isUp = (): boolean => process.isAlive && !world.isOver();
  void poll(isUp, async () => {
    await shardLog.pollOutboxes().catch(() => undefined);
    await clock.sleep(OUTBOX_POLL_MS);
  });
  void followControl(isUp, process, database, world);
  if (name === 'sla-timer') {
    new TickRelay(
      options,
      shardLog,
      new ShardDatabases(database),
      producer,
      clock,
      quietLog(world.violations, process.name) as never,
    );
  }
  return process;
}

/** Facts are received by the broker's time, give or take the error of the process's own clock. */
function openDoor(process: Process, producer: RecordProducer, world: Surroundings): ShardProcessor {
  const clock = { ...world.scheduler.clockOf(process), nowMs: () => world.broker.clockMs + process.skewMs };
  const database = world.stores.intake.readerBeside(process);
  const { processor, door } = openIntake(process, { producer, database, clock });
  world.doors.push(door);
  return processor;
}

async function poll(isUp: () => boolean, once: () => Promise<void>): Promise<void> {
  while (isUp()) await once();
}

async function followControl(isUp: () => boolean, process: Process, database: Database, world: Surroundings) {
  const { scheduler, broker } = world;
  const clock = scheduler.clockOf(process);
  const follower = new ControlFollower(database, clock, quietLog([], process.name) as unknown as Logger);
  let position = 0;
  while (isUp()) {
    await broker.whenThereIs(process, TOPICS.control, 0, position);
    const fetched = broker.fetch(TOPICS.control, 0, position, 100);
    const heartbeat = async (): Promise<void> => undefined;
    const batch = { topic: TOPICS.control, partition: 0, ...fetched, heartbeat, isStale: () => false };
    const outcome = await follower.handle(batch);
    if (outcome.kind === 'done') position = Math.max(outcome.nextOffset, fetched.lastOffset + 1);
    else if (outcome.kind === 'seek') position = outcome.offset;
    await clock.sleep(CONTROL_POLL_MS);
  }
}

/** Warnings are daily bread here; an error that no fault explains is a finding. */
function quietLog(violations: string[], who: string) {
  return {
    warn: () => undefined,
    debug: () => undefined,
    info: () => undefined,
    error: (fields: { code?: string; error?: string; stack?: string }, message: string) => {
      if (fields.code === 'POISON_WAVE') return; // the workload has many conflicts
      if (fields.error?.startsWith(DEFECT)) return;
      violations.push(`unexpected: ${who}: ${message}: ${fields.stack ?? JSON.stringify(fields)}`);
    },
  };
}
