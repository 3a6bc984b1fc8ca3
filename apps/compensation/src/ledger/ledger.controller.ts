import { Controller, Get, Inject, Query } from '@nestjs/common';
import { formatInstant, MAX_INSTANT_MS, parseInstant } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { DATABASE, HttpProblem, Roles } from '#libs/service';
import { findDrift, type Drift } from './self-check.js';
import { readLimit } from '../compensations/paging.js';

const BALANCES = `
select account, currency, sum(amount_minor)::bigint as "balanceMinor"
from ledger_entry join ledger_transfer using (transfer_id) where booked_at_ms <= $1
group by account, currency order by account, currency`;
const COUNT = `select count(*) as count from ledger_entry`;
const ENTRIES = `
select x.entry_id as "entryId", t.transfer_id as "transferId", t.line_id as "lineId", t.reason, t.booked_at_ms as "bookedAtMs",
  x.account, x.currency, x.amount_minor as "amountMinor"
from ledger_entry x join ledger_transfer t using (transfer_id)
where x.entry_id > $1 order by x.entry_id limit $2`;

interface Balance {
  readonly account: string;
  readonly currency: string;
  readonly balanceMinor: number;
}

interface EntryRow {
  readonly entryId: number;
  readonly transferId: string;
  readonly lineId: string;
  readonly reason: string;
  readonly bookedAtMs: number;
  readonly account: string;
  readonly currency: string;
  readonly amountMinor: number;
}

/** The books, computed from the entries themselves. Amounts are minor units; debits above zero, credits below. */
@Controller('ledger')
@Roles('viewer', 'operations', 'finance', 'approver')
export class LedgerController {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** As of an instant of the log's time (`at`), or of now: what was booked until then, inclusive. Zero in sum per currency. */
  @Get('balances')
  async balances(@Query() query: Record<string, string | undefined>): Promise<{ balances: Balance[] }> {
    const atMs = query['at'] === undefined ? MAX_INSTANT_MS : parseInstant(query['at']);
    if (atMs === null) {
      const detail = `at: an RFC 3339 instant with offset expected, found ${query['at']}`;
      throw new HttpProblem(400, { code: 'FIELD_INVALID', detail, pointer: '/at' });
    }
    return { balances: await this.database.query<Balance>(BALANCES, [atMs]) };
  }

  /** The nightly self-check, now: anything but zero is a defect. */
  @Get('check')
  check(): Promise<Drift> {
    return findDrift(this.database);
  }

  /** In the order of booking; with `count=true` only how many there are. */
  @Get('entries')
  async entries(@Query() query: Record<string, string | undefined>) {
    if (query['count'] === 'true') {
      const [row] = await this.database.query<{ count: number }>(COUNT);
      return { count: row?.count ?? 0 };
    }
    const limit = readLimit(query['limit']);
    const after = readAfter(query['cursor']);
    const rows = await this.database.query<EntryRow>(ENTRIES, [after, limit + 1]);
    const page = rows.slice(0, limit);
    return {
      items: page.map(({ bookedAtMs, ...entry }) => ({ ...entry, bookedAt: formatInstant(bookedAtMs) })),
      next: rows.length > limit ? String(page.at(-1)?.entryId) : null,
    };
  }
}

function readAfter(cursor: string | undefined): number {
  if (cursor === undefined || cursor === '') return 0;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new HttpProblem(400, { code: 'CURSOR_INVALID', detail: 'cursor: the `next` of the page before expected' });
}
