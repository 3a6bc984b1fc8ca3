import { Controller, Get, Header, Inject, Optional } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { metricsRegistry } from '#libs/observability';
import type { LogReader } from '#libs/messaging';
import { readHalts, readProgress, type OutboxRelay, type Progress, type ShardDatabases } from '#libs/shard-log';
import { Public, Roles } from './auth.js';
import { HttpProblem } from './http-problem.js';
import { ProgressMetrics } from './progress-metrics.js';
import type { ServiceOptions } from './service-options.js';
import { CLOCK, DATABASES, LOG_READER, OUTBOX_RELAYS, SERVICE_OPTIONS } from './tokens.js';

/** What an app demands of itself beyond database and broker before it calls itself ready: a reason, or null. */
export const READINESS = Symbol('Readiness');
export type Readiness = () => Promise<string | null>;

/** What an app adds to `/health`, and measures on the way; asked at each scrape. */
export const HEALTH_DETAIL = Symbol('HealthDetail');
export type HealthDetail = () => Promise<Record<string, unknown>>;

/** `/health`: whether it works, and what waits for somebody. */
interface Health {
  readonly status: 'ready' | 'not-ready';
  readonly reason?: string;
  readonly [detail: string]: unknown;
}

@Controller()
export class HouseKeepingController {
  private readonly progressMetrics: ProgressMetrics;

  constructor(
    @Inject(DATABASES) private readonly databases: ShardDatabases,
    @Inject(LOG_READER) private readonly reader: LogReader,
    @Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions,
    @Inject(OUTBOX_RELAYS) relays: ReadonlyMap<string, OutboxRelay>,
    @Inject(CLOCK) clock: Clock,
    @Optional() @Inject(READINESS) private readonly readiness?: Readiness,
    @Optional() @Inject(HEALTH_DETAIL) private readonly detail?: HealthDetail,
  ) {
    this.progressMetrics = new ProgressMetrics(databases, reader, [...relays.values()], clock, options.topics);
  }

  /** Always 200: for people and dashboards. Whether to send it work is what `/health/ready` is for. */
  @Get('health')
  @Public()
  async health(): Promise<Health> {
    const reason = await this.missing();
    if (reason !== null) return { status: 'not-ready', reason };
    const { outboxRows, parked, drained } = await readProgress(this.databases, this.reader, this.options.topics);
    const shardsHalted = (await readHalts(this.databases)).length;
    return { status: 'ready', drained, outboxRows, shardsHalted, parked, ...(await this.detail?.()) };
  }

  @Get('health/live')
  @Public()
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('health/ready')
  @Public()
  async ready(): Promise<{ status: string }> {
    const reason = await this.missing();
    if (reason !== null) throw new HttpProblem(503, { code: 'NOT_READY', detail: reason });
    return { status: 'ready' };
  }

  @Get('metrics')
  @Public()
  @Header('content-type', 'text/plain; version=0.0.4')
  async metrics(): Promise<string> {
    await this.progressMetrics.sample();
    await this.detail?.().catch(() => undefined); // what cannot be asked keeps its last value
    return metricsRegistry.metrics();
  }

  @Get('progress')
  @Roles('viewer', 'operations', 'finance', 'approver')
  progress(): Promise<Progress> {
    return readProgress(this.databases, this.reader, this.options.topics);
  }

  private async missing(): Promise<string | null> {
    try {
      await Promise.all(this.databases.all.map(({ database }) => database.query('select 1')));
      await this.reader.offsetsOf(this.options.topics[0] as string);
    } catch {
      return 'database or broker cannot be reached';
    }
    return (await this.readiness?.()) ?? null;
  }
}
