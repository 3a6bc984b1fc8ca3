import 'reflect-metadata';
import type { Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { Clock } from '#libs/kernel';
import { BatchConsumer, KafkaBatchServer, type Kafka, type RowPublisher } from '#libs/messaging';
import {
  gauge,
  NestLogger,
  returnMemoryAtRest,
  startOtlpTracing,
  traceRequests,
  type Logger,
} from '#libs/observability';
import type { OutboxRelay } from '#libs/shard-log';
import { ShardLog } from '#libs/shard-log';
import { CONTROL_TOPIC, ControlFollower } from './control-follower.js';
import { KeyStore } from './key-store.js';
import { groupOf, type ServiceOptions } from './service-options.js';
import { CLOCK, KAFKA, LOGGER, OUTBOX_RELAYS, ROW_PUBLISHER } from './tokens.js';

const shardsHalted = gauge('makegood_shards_halted', 'Shards that stand still since their log went back');
const OUTBOX_POLL_MS = 500;
/** A set of guarantees goes into one record, and a record has 8 MiB at most. */
const BODY_BYTES_MAX = 8 * 1024 * 1024;
const STOP_DEADLINE_MS = 8_000;

/**
 * Starts a service: HTTP, its part of the log, the control topic, the outbox; stops it on SIGTERM. Correctness never
 * depends on a clean stop (kill -9 is the test), only politeness does.
 */
export async function runService(options: ServiceOptions, appModule: Type<unknown> | DynamicModule): Promise<void> {
  const { environment } = options;
  const stopTracing = collectorOf(environment) === undefined ? null : await startOtlpTracing(options.name);
  // body parsers are the app's own: intake reads raw bodies
  const app = await NestFactory.create<NestExpressApplication>(appModule, {
    logger: false,
    bodyParser: false,
  });
  if (options.name !== 'intake') app.useBodyParser('json', { limit: BODY_BYTES_MAX });
  const logger = app.get<Logger>(LOGGER);
  app.useLogger(new NestLogger(logger));
  app.disable('x-powered-by');
  if (stopTracing) app.use(traceRequests);
  publishOpenApi(app, options.name);

  const fatal = (error: Error): void => {
    logger.fatal({ error: error.message }, 'the consumer stopped for good: exiting, to be started anew');
    process.exit(1);
  };
  const kafka = app.get<Kafka>(KAFKA);
  const shardLog = app.get(ShardLog, { strict: false });
  const strategy = new KafkaBatchServer({
    kafka,
    groupId: groupOf(options),
    topics: options.topics,
    concurrency: options.concurrency,
    onFatal: fatal,
    prefer: environment.MAKEGOOD_MODE === 'replay' ? 'throughput' : 'latency',
    onAssignment: (shards) => shardLog.retain(shards),
  });
  app.connectMicroservice({ strategy }, { inheritAppConfig: false });
  const control = await followControl(app, kafka, options, fatal);
  const stopRelay = keepRelaying(app, shardLog, strategy);
  const stopReturning = returnMemoryAtRest(app.get<Clock>(CLOCK), (beforeBytes, afterBytes) =>
    logger.debug({ beforeBytes, afterBytes }, 'gave memory back'),
  );
  const stops = [() => control.stop(), async () => stopRelay(), async () => stopTracing?.()];
  stopOnSignal(app, [...stops, async () => stopReturning()], logger);

  await app.listen(environment.MAKEGOOD_PORT, environment.MAKEGOOD_HOST);
  await app.startAllMicroservices();
  logger.info({ port: environment.MAKEGOOD_PORT, mode: environment.MAKEGOOD_MODE }, 'ready to work');
}

async function followControl(
  app: NestExpressApplication,
  kafka: Kafka,
  options: ServiceOptions,
  onFatal: (error: Error) => void,
): Promise<BatchConsumer> {
  const follower = app.get(ControlFollower);
  const keys = app.get(KeyStore);
  follower.onChange(() => keys.forget());
  const consumer = new BatchConsumer({
    kafka,
    groupId: `${groupOf(options)}.control`,
    topics: [CONTROL_TOPIC],
    concurrency: 1,
    handlerOf: () => (batch) => follower.handle(batch),
    onFatal,
  });
  await consumer.start();
  return consumer;
}

/** Rows for our shards that other writers left are found by polling; our own are published right after commit. */
function keepRelaying(app: NestExpressApplication, shardLog: ShardLog, strategy: KafkaBatchServer): () => void {
  const relays = app.get<ReadonlyMap<string, OutboxRelay>>(OUTBOX_RELAYS);
  const clock = app.get<Clock>(CLOCK);
  const abort = new AbortController();
  void (async () => {
    while (!abort.signal.aborted) {
      await shardLog.pollOutboxes().catch(() => undefined); // a database is away: the next turn tells
      for (const shard of await shardLog.released().catch(() => [])) strategy.resume(shard);
      shardsHalted.set(shardLog.haltedCount);
      await clock.sleep(OUTBOX_POLL_MS, abort.signal);
    }
  })();
  return () => {
    abort.abort();
    for (const relay of relays.values()) relay.close();
  };
}

function publishOpenApi(app: NestExpressApplication, name: string): void {
  const description = new DocumentBuilder().setTitle(`makegood ${name}`).setVersion('1').addBearerAuth().build();
  const document = SwaggerModule.createDocument(app, description);
  SwaggerModule.setup('openapi', app, document, { ui: false, raw: ['json'], jsonDocumentUrl: 'openapi.json' });
}

function stopOnSignal(app: NestExpressApplication, stops: readonly (() => Promise<void>)[], logger: Logger): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    const clock = app.get<Clock>(CLOCK);
    const deadline = clock.sleep(STOP_DEADLINE_MS);
    const politely = (async () => {
      for (const step of stops) await step();
      await app.close();
      await app.get<RowPublisher>(ROW_PUBLISHER).close(); // last: it may wait for a broker that is away
    })();
    await Promise.race([politely.catch((error: Error) => logger.warn({ error: error.message }, 'stopping')), deadline]);
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
}

/** Where spans go, by OpenTelemetry's own variables, which its exporter reads itself. */
function collectorOf(environment: ServiceOptions['environment']): string | undefined {
  return environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? environment.OTEL_EXPORTER_OTLP_ENDPOINT;
}
