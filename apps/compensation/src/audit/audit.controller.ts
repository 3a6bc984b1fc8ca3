import { Controller, Get, Inject, Query } from '@nestjs/common';
import { formatInstant } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { DATABASE, Roles } from '#libs/service';
import { readLimit } from '../compensations/paging.js';

const LIST = `
select audit_id as "auditId", at_ms as "atMs", actor, role, method, path, body, status from audit
where audit_id < $1 order by audit_id desc limit $2`;

interface AuditRow {
  readonly auditId: number;
  readonly atMs: number;
}

/** Who asked for which write, newest first; `before` continues a page. */
@Controller('audit')
@Roles('finance')
export class AuditController {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  @Get()
  async list(@Query() query: Record<string, string | undefined>) {
    const { before = '' } = query;
    const from = /^\d{1,15}$/.test(before) ? Number(before) : Number.MAX_SAFE_INTEGER;
    const rows = await this.database.query<AuditRow>(LIST, [from, readLimit(query['limit'])]);
    return { items: rows.map(({ atMs, ...row }) => ({ ...row, at: formatInstant(atMs) })) };
  }
}
