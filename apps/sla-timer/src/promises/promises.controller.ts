import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { partitionOf } from '#libs/contracts';
import { DATABASES, HttpProblem, Roles, SERVICE_OPTIONS, type ServiceOptions } from '#libs/service';
import type { ShardDatabases } from '#libs/shard-log';
import { idPrefix } from '../promise-log/id-prefix.js';
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

interface Listed extends PromiseSummary {
  readonly chapter: number;
}

/** By chapter, the newest first, and in each by id; both falling. */
const LIST = `
select promise_id as "promiseId", subject, guarantee, version, customer, state, verdict, opened_at_ms as "openedAtMs",
  due_at_ms as "dueAtMs", decided_at_ms as "decidedAtMs", sequence, chapter
from promise join guarantee_build using (build)
where ($1::text is null or subject = $1) and ($2::text is null or customer = $2) and ($3::text is null or guarantee = $3)
  and ($4::text is null or state = $4)
  and ($5::integer is null or (chapter, ${idPrefix('promise_id')}, promise_id) < ($5, ${idPrefix('$6::uuid')}, $6::uuid))
  and shard <> all($8::integer[])
order by chapter desc, ${idPrefix('promise_id')} desc, promise_id desc limit $7`;

const LIMIT_MAX = 1_000;
const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const UUID = new RegExp(`^${ID}$`);
/** Chapter and id of the last promise of the page before. */
const CURSOR = new RegExp(`^(\\d{1,9})\\.(${ID})$`);

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
    const [, chapter = null, promiseId = null] = cursor === null ? [] : (CURSOR.exec(cursor) ?? []);
    if (cursor !== null && chapter === null)
      throw new HttpProblem(400, { code: 'FIELD_INVALID', detail: 'cursor is not one of ours', pointer: '/cursor' });
    const pick = (name: string): string | null => query[name] ?? null;
    const subject = pick('subject');
    const asked = [subject, pick('customer'), pick('guarantee'), pick('state'), chapter, promiseId, limit];
    const found = subject === null ? await this.listOfAll(asked, limit) : await this.listOfOne(subject, asked);
    const last = found.length === limit ? found.at(-1) : undefined;
    return {
      promises: found.map(({ chapter: _, ...promise }) => promise),
      cursor: last ? `${last.chapter}.${last.promiseId}` : null,
    };
  }

  private async listOfAll(asked: readonly unknown[], limit: number): Promise<Listed[]> {
    const found = await this.databases.ask<Listed>(LIST, asked);
    return found.sort(byPlace).slice(0, limit);
  }

  private async listOfOne(subject: string, asked: readonly unknown[]): Promise<Listed[]> {
    const database = await this.databases.of(partitionOf(subject, this.options.environment.MAKEGOOD_SHARDS));
    return database.query<Listed>(LIST, [...asked, []]);
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

/** As LIST orders them, across databases. */
function byPlace(a: Listed, b: Listed): number {
  return b.chapter - a.chapter || (a.promiseId < b.promiseId ? 1 : -1);
}
