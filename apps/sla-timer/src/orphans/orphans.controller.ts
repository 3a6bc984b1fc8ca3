import { Controller, Get, Inject, Query } from '@nestjs/common';
import { formatInstant } from '#libs/kernel';
import { DATABASES, HttpProblem, Roles } from '#libs/service';
import type { ShardDatabases } from '#libs/shard-log';
import { limitFrom } from '../commands/paging.js';

/** Facts whose promise never came. */
interface Orphan {
  readonly subject: string;
  readonly expiredAt: string;
  readonly facts: number;
  readonly types: string;
}

type Row = Omit<Orphan, 'expiredAt'> & { readonly expiredAtMs: number };

const LIST = `
select subject, expired_at_ms as "expiredAtMs", facts, types from expired_orphan
where ($1::bigint is null or (expired_at_ms, subject collate "C") < ($1, $2)) and shard <> all($4::integer[])
order by expired_at_ms desc, subject collate "C" desc limit $3`;
const COUNT = `select coalesce(sum(times), 0)::bigint as expired from counted
where what = 'subjects-expired' and shard <> all($1::integer[])`;

@Controller('orphans')
export class OrphansController {
  constructor(@Inject(DATABASES) private readonly databases: ShardDatabases) {}

  @Get()
  @Roles('viewer', 'operations', 'finance', 'approver')
  async list(
    @Query() query: Record<string, string | undefined>,
  ): Promise<{ expired: number; orphans: Orphan[]; cursor: string | null }> {
    const limit = limitFrom(query['limit']);
    const [afterMs, afterSubject] = placeFrom(query['cursor']);
    const found = await this.databases.ask<Row>(LIST, [afterMs, afterSubject, limit]);
    const rows = found.sort(newestFirst).slice(0, limit);
    const counted = await this.databases.ask<{ expired: number }>(COUNT);
    const last = rows.at(-1);
    return {
      expired: counted.reduce((sum, { expired }) => sum + expired, 0),
      orphans: rows.map(({ expiredAtMs, ...row }) => ({ ...row, expiredAt: formatInstant(expiredAtMs) })),
      cursor: last && rows.length === limit ? `${last.expiredAtMs}/${last.subject}` : null,
    };
  }
}

/** As the statement orders: by bytes, so that pages of several databases fit together. */
function newestFirst(a: Row, b: Row): number {
  return b.expiredAtMs - a.expiredAtMs || Buffer.compare(Buffer.from(b.subject), Buffer.from(a.subject));
}

function placeFrom(cursor: string | undefined): [number | null, string | null] {
  if (cursor === undefined) return [null, null];
  const [, at, subject] = /^(\d{1,15})\/(.+)$/s.exec(cursor) ?? [];
  if (at !== undefined && subject !== undefined) return [Number(at), subject];
  throw new HttpProblem(400, { code: 'FIELD_INVALID', detail: 'cursor is not one of ours', pointer: '/cursor' });
}
