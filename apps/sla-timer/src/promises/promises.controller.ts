import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { partitionOf } from '#libs/contracts';
import { DATABASES, HttpProblem, Roles, SERVICE_OPTIONS, type ServiceOptions } from '#libs/service';
import type { ShardDatabases } from '#libs/shard-log';
import { PromiseDetails, type PromiseDetail } from './promise-details.js';

interface PromiseSummary {
  readonly promiseId: string;
  readonly subject: string;
  readonly guarantee: string;
  readonly version: number;
  readonly customer: string;
  readonly state: string;
  readonly verdict: string | null;
  readonly openedAtMs: number;
  readonly dueAtMs: number;
  readonly decidedAtMs: number;
  readonly sequence: number;
}

const LIST = `
select promise_id as "promiseId", subject, guarantee, version, customer, state, verdict, opened_at_ms as "openedAtMs",
  due_at_ms as "dueAtMs", decided_at_ms as "decidedAtMs", sequence
from promise join guarantee_build using (build)
where ($1::text is null or subject = $1) and ($2::text is null or customer = $2) and ($3::text is null or guarantee = $3)
  and ($4::text is null or state = $4) and ($5::uuid is null or promise_id > $5)
  and shard <> all($7::integer[])
order by promise_id limit $6`;

const LIMIT_MAX = 1_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

@Controller('promises')
export class PromisesController {
  private readonly details: PromiseDetails;

  constructor(
    @Inject(DATABASES) private readonly databases: ShardDatabases,
    @Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions,
  ) {
    this.details = new PromiseDetails(databases);
  }

  @Get()
  @Roles('viewer', 'operations', 'finance', 'approver')
  async list(
    @Query() query: Record<string, string | undefined>,
  ): Promise<{ promises: PromiseSummary[]; cursor: string | null }> {
    const limit = Math.min(LIMIT_MAX, Math.max(1, Number.parseInt(query['limit'] ?? '100', 10) || 100));
    const cursor = query['cursor'] ?? null;
    if (cursor !== null && !UUID.test(cursor))
      throw new HttpProblem(400, { code: 'FIELD_INVALID', detail: 'cursor is not one of ours', pointer: '/cursor' });
    const pick = (name: string): string | null => query[name] ?? null;
    const subject = pick('subject');
    const asked = [subject, pick('customer'), pick('guarantee'), pick('state'), cursor, limit];
    const promises = subject === null ? await this.listOfAll(asked, limit) : await this.listOfOne(subject, asked);
    return { promises, cursor: promises.length === limit ? (promises.at(-1)?.promiseId ?? null) : null };
  }

  private async listOfAll(asked: readonly unknown[], limit: number): Promise<PromiseSummary[]> {
    const found = await this.databases.ask<PromiseSummary>(LIST, asked);
    return found.sort((a, b) => (a.promiseId < b.promiseId ? -1 : 1)).slice(0, limit);
  }

  private async listOfOne(subject: string, asked: readonly unknown[]): Promise<PromiseSummary[]> {
    const database = await this.databases.of(partitionOf(subject, this.options.environment.MAKEGOOD_SHARDS));
    return database.query<PromiseSummary>(LIST, [...asked, []]);
  }

  @Get(':id')
  @Roles('viewer', 'operations', 'finance', 'approver')
  async one(@Param('id') id: string): Promise<PromiseDetail> {
    const detail = UUID.test(id) ? await this.details.find(id) : null;
    if (!detail)
      throw new HttpProblem(404, {
        code: 'PROMISE_UNKNOWN',
        detail: `no promise has the id ${id.slice(0, 50)}`,
        advice: 'look it up by subject: GET /promises?subject=…',
      });
    return detail;
  }
}
