import { Controller, Get, Inject, Query } from '@nestjs/common';
import { formatInstant } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { DATABASE, HttpProblem, Roles } from '#libs/service';
import { limitFrom } from '../commands/paging.js';

/** Facts whose promise never came. */
interface Orphan {
  readonly subject: string;
  readonly expiredAt: string;
  readonly facts: number;
  readonly types: string;
}

const LIST = `
select subject, expired_at_ms as "expiredAtMs", facts, types from expired_orphan
where $1::bigint is null or (expired_at_ms, subject) < ($1, $2)
order by expired_at_ms desc, subject desc limit $3`;
const COUNT = `select coalesce(sum(times), 0)::bigint as expired from counted where what = 'subjects-expired'`;

@Controller('orphans')
export class OrphansController {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  @Get()
  @Roles('viewer', 'operations', 'finance', 'approver')
  async list(
    @Query() query: Record<string, string | undefined>,
  ): Promise<{ expired: number; orphans: Orphan[]; cursor: string | null }> {
    const limit = limitFrom(query['limit']);
    const [afterMs, afterSubject] = placeFrom(query['cursor']);
    const rows = await this.database.query<Omit<Orphan, 'expiredAt'> & { expiredAtMs: number }>(LIST, [
      afterMs,
      afterSubject,
      limit,
    ]);
    const [counted] = await this.database.query<{ expired: number }>(COUNT);
    const last = rows.at(-1);
    return {
      expired: counted?.expired ?? 0,
      orphans: rows.map(({ expiredAtMs, ...row }) => ({ ...row, expiredAt: formatInstant(expiredAtMs) })),
      cursor: last && rows.length === limit ? `${last.expiredAtMs}/${last.subject}` : null,
    };
  }
}

function placeFrom(cursor: string | undefined): [number | null, string | null] {
  if (cursor === undefined) return [null, null];
  const [, at, subject] = /^(\d{1,15})\/(.+)$/s.exec(cursor) ?? [];
  if (at !== undefined && subject !== undefined) return [Number(at), subject];
  throw new HttpProblem(400, { code: 'FIELD_INVALID', detail: 'cursor is not one of ours', pointer: '/cursor' });
}
