import { randomUUID } from 'node:crypto';
import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { SerialProducer, type Kafka, type LogReader } from '#libs/messaging';
import { readSettings } from '#libs/config';
import type { Database } from '#libs/persistence';
import {
  CLOCK,
  DATABASE,
  HEALTH_DETAIL,
  KAFKA,
  KitModule,
  LOG_READER,
  READINESS,
  SHARD_PROCESSOR,
  shardLogProvider,
  type HealthDetail,
  type ServiceOptions,
} from '#libs/service';
import { readSignalRules } from './canonical/signal-rules.js';
import type { IntakeEnvironment } from './config.js';
import { ControlCopier } from './control/control-copier.js';
import { Readiness } from './control/readiness.js';
import { Enrichment } from './customers/enrichment.js';
import { IngressController } from './ingress/ingress.controller.js';
import { IngressProcessor } from './ingress/ingress-processor.js';
import { KeyCommands } from './keys/key-commands.js';
import { KeysController } from './keys/keys.controller.js';
import { Lease } from './lease/lease.js';
import { LeaseDuties } from './lease/lease-duties.js';
import { LetterCommands } from './letters/letter-commands.js';
import { LettersController } from './letters/letters.controller.js';
import { OpenLettersView } from './letters/open-letters.js';
import { EventAcceptor } from './publish/accept-events.js';
import { CoalescingWriter } from './publish/coalescing-writer.js';
import { StampingProducer } from './publish/stamping-producer.js';
import { EventsController } from './receive-events/events.controller.js';
import { Admission } from './receive-events/read-body.js';
import { loadSources } from './sources/load-sources.js';
import { SourcesController } from './sources/sources.controller.js';
import { ActiveTerms } from './terms/active-terms.js';
import { SourceWatch } from './ticker/source-watch.js';
import { Ticker } from './ticker/ticker.js';
import {
  EVENT_PRODUCER,
  EVENT_WRITER,
  INTAKE_ENVIRONMENT,
  INTAKE_MODE,
  LEASE_PRODUCER,
  ROUTING,
  SOURCES,
} from './tokens.js';

/** Global for READINESS and HEALTH_DETAIL, which the kit's /health and /metrics ask. */
@Global()
@Module({})
export class AppModule {
  static for(options: ServiceOptions, environment: IntakeEnvironment): DynamicModule {
    return {
      module: AppModule,
      imports: [KitModule.forService(options)],
      controllers: [EventsController, SourcesController, KeysController, LettersController, IngressController],
      providers: [
        ...settingsProviders(environment),
        ...logProviders(environment),
        { provide: SHARD_PROCESSOR, useClass: IngressProcessor },
        shardLogProvider,
        Readiness,
        { provide: READINESS, inject: [Readiness], useFactory: readinessOf },
        EventAcceptor,
        SourceWatch,
        KeyCommands,
        ActiveTerms,
        Enrichment,
        LetterCommands,
        LeaseDuties,
        OpenLettersView,
        { provide: HEALTH_DETAIL, inject: [OpenLettersView], useFactory: healthOf },
      ],
      exports: [READINESS, HEALTH_DETAIL],
    };
  }
}

function settingsProviders(environment: IntakeEnvironment): Provider[] {
  const signalRules = readSignalRules(readSettings(environment.MAKEGOOD_SIGNALS_FILE));
  const sources = loadSources(readSettings(environment.MAKEGOOD_SOURCES_FILE), environment.MAKEGOOD_MAPS_DIR);
  const admission = new Admission(
    environment.MAKEGOOD_IN_FLIGHT_REQUESTS_MAX,
    environment.MAKEGOOD_IN_FLIGHT_BYTES_MAX,
  );
  return [
    { provide: INTAKE_ENVIRONMENT, useValue: environment },
    { provide: INTAKE_MODE, useValue: environment.MAKEGOOD_MODE },
    { provide: ROUTING, useValue: { shardCount: environment.MAKEGOOD_SHARDS, signalRules } },
    { provide: SOURCES, useValue: sources },
    { provide: Admission, useValue: admission },
  ];
}

/** Events and the lease holder's records each have a producer: a full send must not delay a tick. */
function logProviders({
  MAKEGOOD_SEND_DEADLINE_MS,
  MAKEGOOD_SHARDS,
  MAKEGOOD_TICK_EVERY_MS,
  MAKEGOOD_MODE,
}: IntakeEnvironment): Provider[] {
  const producer = (kafka: Kafka, clock: Clock) =>
    new StampingProducer(new SerialProducer(kafka, clock, MAKEGOOD_SEND_DEADLINE_MS));
  return [
    { provide: EVENT_PRODUCER, inject: [KAFKA, CLOCK], useFactory: producer },
    { provide: LEASE_PRODUCER, inject: [KAFKA, CLOCK], useFactory: producer },
    {
      provide: EVENT_WRITER,
      inject: [EVENT_PRODUCER],
      useFactory: (events: StampingProducer) => new CoalescingWriter(events),
    },
    {
      provide: Lease,
      inject: [DATABASE, CLOCK],
      useFactory: (database: Database, clock: Clock) => new Lease(database, clock, 'ticker', randomUUID()),
    },
    {
      provide: ControlCopier,
      inject: [DATABASE, LOG_READER, LEASE_PRODUCER, CLOCK, EVENT_PRODUCER],
      useFactory: (
        database: Database,
        reader: LogReader,
        own: StampingProducer,
        clock: Clock,
        events: StampingProducer,
      ) => {
        const stampMs = (): number | null =>
          MAKEGOOD_MODE === 'replay' ? Math.max(own.latestMs, events.latestMs) : null;
        return new ControlCopier({ database, reader, producer: own, clock, shardCount: MAKEGOOD_SHARDS, stampMs });
      },
    },
    {
      provide: Ticker,
      inject: [DATABASE, LOG_READER, LEASE_PRODUCER, CLOCK, SourceWatch],
      useFactory: (database: Database, reader: LogReader, own: StampingProducer, clock: Clock, watch: SourceWatch) =>
        new Ticker({
          database,
          reader,
          producer: own,
          clock,
          watch,
          shardCount: MAKEGOOD_SHARDS,
          everyMs: MAKEGOOD_TICK_EVERY_MS,
        }),
    },
  ];
}

function healthOf(open: OpenLettersView): HealthDetail {
  return async () => ({ deadLetters: await open.read() });
}

function readinessOf(readiness: Readiness): () => Promise<string | null> {
  return async () =>
    (await readiness.hasGuarantees()) ? null : 'no set of guarantees is active yet: POST /guarantees of sla-timer';
}
