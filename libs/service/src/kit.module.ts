import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { SystemClock } from '#libs/clock';
import type { Clock } from '#libs/kernel';
import {
  createKafka,
  LogReader,
  SerialProducer,
  ThreadPublisher,
  type Kafka,
  type KafkaOptions,
  type RowPublisher,
} from '#libs/messaging';
import { createLogger, type Logger } from '#libs/observability';
import { openDatabase, type Database } from '#libs/persistence';
import { OutboxRelay, ShardDatabases, ShardLog, type ShardProcessor } from '#libs/shard-log';
import { ApiKeyGuard } from './auth.js';
import { ControlFollower } from './control-follower.js';
import { HouseKeepingController } from './house-keeping.controller.js';
import { ProblemFilter } from './http-problem.js';
import { KeyStore } from './key-store.js';
import { KIT_MIGRATIONS } from './kit-migrations.js';
import { ShardsController } from './shards.controller.js';
import { schemaOf, type ServiceOptions } from './service-options.js';
import {
  CLOCK,
  DATABASE,
  DATABASES,
  KAFKA,
  LOG_READER,
  LOGGER,
  OUTBOX_RELAYS,
  PRODUCER,
  ROW_PUBLISHER,
  SERVICE_OPTIONS,
  SHARD_PROCESSOR,
} from './tokens.js';

const KEPT_TOGETHER: Provider[] = [
  {
    provide: CLOCK,
    inject: [SERVICE_OPTIONS],
    useFactory: ({ environment }: ServiceOptions) => new SystemClock(environment.MAKEGOOD_CLOCK_SKEW_MS),
  },
  {
    provide: LOGGER,
    inject: [SERVICE_OPTIONS],
    useFactory: ({ name, environment }: ServiceOptions) => createLogger(name, environment.LOG_LEVEL),
  },
  {
    provide: KAFKA,
    inject: [SERVICE_OPTIONS, LOGGER],
    useFactory: (options: ServiceOptions, logger: Logger) => createKafka(kafkaOptionsOf(options, logger)),
  },
  {
    provide: PRODUCER,
    inject: [KAFKA, CLOCK],
    useFactory: (kafka: Kafka, clock: Clock) => new SerialProducer(kafka, clock),
  },
  {
    provide: ROW_PUBLISHER,
    inject: [SERVICE_OPTIONS, LOGGER, CLOCK],
    useFactory: (options: ServiceOptions, logger: Logger, clock: Clock) => {
      const publisher = new ThreadPublisher({ kafka: kafkaOptionsOf(options, logger), clock });
      publisher.open();
      return publisher;
    },
  },
  { provide: LOG_READER, inject: [KAFKA], useFactory: (kafka: Kafka) => new LogReader(kafka) },
  {
    provide: DATABASE,
    inject: [SERVICE_OPTIONS],
    useFactory: (options: ServiceOptions) => openDatabaseOf(options, options.environment.DATABASE_URL),
  },
  { provide: DATABASES, inject: [DATABASE, SERVICE_OPTIONS], useFactory: openDatabases },
  {
    provide: OUTBOX_RELAYS,
    inject: [DATABASES, ROW_PUBLISHER, CLOCK, SERVICE_OPTIONS, LOGGER],
    useFactory: relaysOf,
  },
  {
    provide: KeyStore,
    inject: [DATABASE, CLOCK, SERVICE_OPTIONS],
    useFactory: (database: Database, clock: Clock, { environment }: ServiceOptions) =>
      new KeyStore(database, clock, environment.MAKEGOOD_BOOTSTRAP_KEY),
  },
  {
    provide: ControlFollower,
    inject: [DATABASE, CLOCK, LOGGER],
    useFactory: (database: Database, clock: Clock, logger: Logger) => new ControlFollower(database, clock, logger),
  },
];

/** Log, database, clock, keys and house-keeping endpoints, the same for every service. */
@Global()
@Module({})
export class KitModule {
  static forService(options: ServiceOptions): DynamicModule {
    return {
      module: KitModule,
      controllers: [HouseKeepingController, ShardsController],
      providers: [
        { provide: SERVICE_OPTIONS, useValue: options },
        ...KEPT_TOGETHER,
        { provide: APP_GUARD, useClass: ApiKeyGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
      exports: [
        SERVICE_OPTIONS,
        CLOCK,
        LOGGER,
        KAFKA,
        PRODUCER,
        LOG_READER,
        DATABASE,
        DATABASES,
        OUTBOX_RELAYS,
        KeyStore,
        ControlFollower,
      ],
    };
  }
}

/** For the app's own module, beside its `{ provide: SHARD_PROCESSOR, … }`. */
export const shardLogProvider: Provider = {
  provide: ShardLog,
  inject: [SERVICE_OPTIONS, DATABASES, OUTBOX_RELAYS, LOG_READER, CLOCK, SHARD_PROCESSOR, LOGGER],
  useFactory: (
    options: ServiceOptions,
    databases: ShardDatabases,
    relays: ReadonlyMap<string, OutboxRelay>,
    reader: LogReader,
    clock: Clock,
    processor: ShardProcessor,
    log: Logger,
  ) =>
    new ShardLog({
      service: options.name,
      databases,
      relays,
      reader,
      clock,
      topics: options.topics,
      outputTopic: options.outputTopic,
      deadLettersTopic: options.environment.MAKEGOOD_DEAD_LETTERS_TOPIC,
      processor,
      log,
    }),
};

function openDatabaseOf(options: ServiceOptions, url: string): Promise<Database> {
  return openDatabase({
    url,
    schema: schemaOf(options),
    applicationName: `makegood ${options.name}`,
    migrations: [...options.migrations, ...KIT_MIGRATIONS],
  });
}

async function openDatabases(main: Database, options: ServiceOptions): Promise<ShardDatabases> {
  const groups = options.databases ?? [];
  const others = await Promise.all(
    groups.map(async ({ name, url }) => ({ name, database: await openDatabaseOf(options, url) })),
  );
  const declared = groups.flatMap(({ name, shards }) => shards.map((shard) => [shard, name] as const));
  return new ShardDatabases(main, others, new Map(declared));
}

/** One for each database: rows are numbered in each by itself. */
function relaysOf(
  { all }: ShardDatabases,
  publisher: RowPublisher,
  clock: Clock,
  { outputTopic }: ServiceOptions,
  logger: Logger,
): ReadonlyMap<string, OutboxRelay> {
  const onError = (error: unknown): void => logger.warn({ error: (error as Error).message }, 'publishing goes again');
  return new Map(
    all.map(({ name, database }) => [name, new OutboxRelay({ database, publisher, clock, outputTopic, onError })]),
  );
}

function kafkaOptionsOf({ name, environment }: ServiceOptions, logger: Logger): KafkaOptions {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = environment;
  return {
    brokers: environment.KAFKA_BROKERS,
    clientId: `makegood-${name}`,
    ssl: environment.KAFKA_SSL,
    ...(mechanism && username && password ? { sasl: { mechanism, username, password } } : {}),
    onLog: (level, message) => logger[level === 'error' ? 'warn' : 'debug']({ message }, 'kafka'),
  };
}
