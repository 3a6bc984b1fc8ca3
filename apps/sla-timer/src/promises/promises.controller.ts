import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import type { Database } from '#libs/persistence';
import { DATABASE, HttpProblem, Roles } from '#libs/service';
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
order by promise_id limit $6`;

const LIMIT_MAX = 1_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

@Controller('promises')
export class PromisesController {
  private readonly details: PromiseDetails;

  constructor(@Inject(DATABASE) private readonly database: Database) {
    this.details = new PromiseDetails(database);
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
    const promises = await this.database.query<PromiseSummary>(LIST, [
      pick('subject'),
      pick('customer'),
      pick('guarantee'),
      pick('state'),
      cursor,
      limit,
    ]);
    return { promises, cursor: promises.length === limit ? (promises.at(-1)?.promiseId ?? null) : null };
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
