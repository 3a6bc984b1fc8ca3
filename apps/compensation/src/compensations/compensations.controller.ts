import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { compensationIdOf, formatInstant } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { DATABASE, HttpProblem, Roles } from '#libs/service';
import { UUID } from '../settlements/read-settlement.js';
import { readCursor, readLimit, writeCursor } from './paging.js';
import { lineView, type LineView, type LineWithPromise } from './line-view.js';
import {
  ENTRIES_OF_LINES,
  FIND_PROMISE,
  LINES_OF_PROMISE,
  LIST_LINES,
  LOAD_PROMISE,
  SETTLEMENTS_OF_LINES,
} from './sql.js';

interface PromiseRow {
  readonly breachId: string;
  readonly guarantee: string;
  readonly guaranteeVersion: number;
  readonly mode: string;
  readonly subject: string;
  readonly customer: string;
  readonly parties: string;
  readonly refs: string;
  readonly group: string | null;
  readonly sequence: number;
  readonly owed: string;
}

interface EntryRow {
  readonly lineId: string;
  readonly transferId: string;
  readonly reason: string;
  readonly bookedAtMs: number;
  readonly account: string;
  readonly currency: string;
  readonly amountMinor: number;
}

interface SettlementRow {
  readonly lineId: string;
  readonly reference: string;
  readonly status: string;
  readonly amountMinor: number | null;
  readonly paidAtMs: number | null;
  readonly reason: string | null;
}

/** What is owed and why: lines by any filter, and one promise's compensation whole. */
@Controller('compensations')
@Roles('viewer', 'operations', 'finance', 'approver')
export class CompensationsController {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** Lines, newest first. `next` is the cursor of the page that follows; null: this was the last. */
  @Get()
  async list(@Query() query: Record<string, string | undefined>): Promise<{ items: LineView[]; next: string | null }> {
    const limit = readLimit(query['limit']);
    const cursor = readCursor(query['cursor']);
    const { promiseId } = query;
    if (promiseId !== undefined && !UUID.test(promiseId)) return { items: [], next: null };
    const filters = [promiseId, query['subject'], query['customer'], query['guarantee'], query['state'], query['kind']];
    const rows = await this.database.query<LineWithPromise>(LIST_LINES, [
      ...filters.map((filter) => filter ?? null),
      cursor?.issuedAtMs ?? null,
      cursor?.lineId ?? null,
      limit + 1,
    ]);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return { items: page.map(lineView), next: rows.length > limit && last ? writeCursor(last) : null };
  }

  /** @param id compensationId, promiseId or lineId */
  @Get(':id')
  async one(@Param('id') id: string) {
    const promiseId = UUID.test(id) ? await this.findPromise(id) : null;
    const [promise] = promiseId === null ? [] : await this.database.query<PromiseRow>(LOAD_PROMISE, [promiseId]);
    if (!promise || promiseId === null) {
      const advice = 'a compensationId or lineId is in the events of makegood.compensations.v1';
      throw new HttpProblem(404, {
        code: 'COMPENSATION_UNKNOWN',
        detail: 'no compensation and no line has this id',
        advice,
      });
    }
    const lines = await this.database.query<LineWithPromise>(LINES_OF_PROMISE, [promiseId]);
    const lineIds = lines.map(({ lineId }) => lineId);
    const entries = await this.database.query<EntryRow>(ENTRIES_OF_LINES, [lineIds]);
    const settlements = await this.database.query<SettlementRow>(SETTLEMENTS_OF_LINES, [lineIds]);
    const { parties, refs, owed, group, ...rest } = promise;
    return {
      compensationId: compensationIdOf(promiseId),
      promiseId,
      ...rest,
      parties: JSON.parse(parties) as unknown,
      refs: JSON.parse(refs) as unknown,
      ...(group === null ? {} : { group }),
      owed: JSON.parse(owed) as unknown,
      lines: lines.map(lineView),
      settlements: settlements.map(({ paidAtMs, ...settlement }) => ({
        ...settlement,
        paidAt: paidAtMs === null ? null : formatInstant(paidAtMs),
      })),
      ledger: entries.map(({ bookedAtMs, ...entry }) => ({ ...entry, bookedAt: formatInstant(bookedAtMs) })),
    };
  }

  private async findPromise(id: string): Promise<string | null> {
    const [row] = await this.database.query<{ promiseId: string }>(FIND_PROMISE, [id]);
    return row?.promiseId ?? null;
  }
}
