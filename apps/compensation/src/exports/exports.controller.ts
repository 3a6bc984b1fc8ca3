import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { isLocalDate } from '#libs/calendar';
import { formatInstant } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { CallerOf, DATABASE, Roles, type Caller } from '#libs/service';
import { readBody } from '../commands/read-body.js';
import { csvOf } from './csv-export.js';
import { Exports, exportUnknown, type ExportRow } from './exports.service.js';
import { LIST_EXPORTS } from './sql.js';

const route = z.string().regex(/^export:[a-z][a-z0-9-]{0,59}$/, 'export:<name> expected');
const currency = z.string().regex(/^[A-Z]{3}$/);
const makeBody = z.strictObject({
  format: z.enum(['csv', 'pain.001']),
  route: route.optional(),
  currency: currency.optional(),
  executeOn: z.string().refine(isLocalDate, 'a date as YYYY-MM-DD expected').optional(),
});
const withdrawBody = z.strictObject({
  reason: z.string().min(1).max(200),
  lineIds: z.array(z.uuid()).max(10_000).optional(),
});
const pendingQuery = z.object({ route: route.optional(), currency: currency.optional() });

type Shown = Omit<ExportRow, 'bytes' | 'madeAtMs' | 'appliedCount'> & { readonly madeAt: string };

/** Numbered, hashed, repeatable artefacts of what finance pays; a line is in one of them. */
@Controller('exports')
export class ExportsController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(Exports) private readonly exports: Exports,
  ) {}

  /** Newest first. */
  @Get()
  @Roles('viewer', 'operations', 'finance', 'approver')
  async list() {
    const rows = await this.database.query<ExportRow>(LIST_EXPORTS);
    return { items: rows.map(({ madeAtMs, ...row }) => ({ ...row, madeAt: formatInstant(madeAtMs) })) };
  }

  /** What waits for an export, as it is now: no artefact, nothing is handed over. */
  @Get('pending.csv')
  @Roles('finance', 'approver')
  async pending(@Query() query: unknown, @Res() response: Response): Promise<void> {
    const lines = await this.exports.pending(readBody(pendingQuery, query, 'EXPORT_INVALID'));
    response.type('text/csv; charset=utf-8').send(csvOf(lines));
  }

  /** 200 once every line is handed over; 202 with the number while some are still on their way through the log. */
  @Post()
  @Roles('finance')
  async make(@Body() body: unknown, @CallerOf() caller: Caller, @Res({ passthrough: true }) response: Response) {
    const number = await this.exports.make(readBody(makeBody, body, 'EXPORT_INVALID'), caller);
    return this.whenWhole(number, response);
  }

  @Get(':number')
  @Roles('viewer', 'operations', 'finance', 'approver')
  async one(@Param('number') text: string) {
    const row = await this.find(text);
    return { ...shown(row), lines: await this.exports.linesOf(row.number) };
  }

  /** The bytes, each time the same. */
  @Get(':number/file')
  @Roles('finance')
  async file(@Param('number') text: string, @Res() response: Response): Promise<void> {
    const { number } = await this.find(text);
    const { row, bytes, hash } = await this.exports.file(number);
    const suffix = row.format === 'csv' ? 'csv' : 'xml';
    response.type(row.format === 'csv' ? 'text/csv; charset=utf-8' : 'application/xml; charset=utf-8');
    response.setHeader('content-disposition', `attachment; filename="makegood-${number}.${suffix}"`);
    response.setHeader('etag', `"${hash}"`);
    response.send(bytes);
  }

  @Post(':number/withdraw')
  @Roles('finance')
  async withdraw(
    @Param('number') text: string,
    @Body() body: unknown,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { reason, lineIds } = readBody(withdrawBody, body, 'EXPORT_INVALID');
    const number = await this.exports.withdraw(await this.find(text), reason, lineIds ?? null, caller);
    return this.whenWhole(number, response);
  }

  private async whenWhole(number: number, response: Response): Promise<Shown | { number: number }> {
    const row = await this.exports.untilWhole(number);
    response.status(row === null ? 202 : 200);
    if (row === null) return { number };
    const { hash } = await this.exports.file(number);
    return shown({ ...row, hash });
  }

  private async find(text: string): Promise<ExportRow> {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    const row = await this.exports.find(number);
    if (!row) throw exportUnknown(number);
    return row;
  }
}

function shown({ bytes: _, madeAtMs, appliedCount: __, ...row }: ExportRow): Shown {
  return { ...row, madeAt: formatInstant(madeAtMs) };
}
