import { Body, Controller, Get, Headers, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import type { Database } from '#libs/persistence';
import { CallerOf, DATABASE, HttpProblem, Roles, type Caller } from '#libs/service';
import { readBody } from '../commands/read-body.js';
import { LineCommands } from '../commands/line-commands.js';
import { lineView, type LineView, type LineWithPromise } from '../compensations/line-view.js';
import { readLimit } from '../compensations/paging.js';
import { idsOfReference } from '../entitlement/claim-reference.js';
import { FIND_BY_REFERENCE, HAS_PAYEE, LIST_UNCLAIMED } from './sql.js';

const claimBody = z.strictObject({
  /** Whom to pay: a reference, never a name or an account; those are told by `customer.updated`. */
  payee: z.string().min(1).max(200),
  reason: z.string().max(200).optional(),
});

/** Money that had no way to whom it belongs: what there is of it, and how it is claimed. */
@Controller('unclaimed')
@Roles('viewer', 'operations', 'finance', 'approver')
export class UnclaimedController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(LineCommands) private readonly lines: LineCommands,
  ) {}

  @Get()
  async list(@Query() query: Record<string, string | undefined>): Promise<{ items: LineView[] }> {
    const limit = readLimit(query['limit']);
    const rows = await this.database.query<LineWithPromise>(LIST_UNCLAIMED, [query['customer'] ?? null, limit]);
    return { items: rows.map(lineView) };
  }

  @Get(':reference')
  async one(@Param('reference') reference: string): Promise<LineView> {
    return lineView(await this.find(reference));
  }

  /**
   * The line goes to the payee named, by its own route. 409 CLAIMED_BEFORE, CLAIM_EXPIRED or LINE_NOT_UNCLAIMED where it
   * cannot: the log decides, so of two claims at once one is told that it came second.
   */
  @Post(':reference/claim')
  @Roles('finance')
  async claim(
    @Param('reference') reference: string,
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LineView | { id: string }> {
    const { payee, reason } = readBody(claimBody, body, 'DECISION_INVALID');
    const line = await this.find(reference);
    if (line.route.startsWith('export:')) await this.expectPayee(payee);
    const more = { payee, ...(reason === undefined ? {} : { reason }) };
    return this.lines.decide(
      { verb: 'claim', lineId: line.lineId, promiseId: line.promiseId, more },
      key,
      caller,
      response,
    );
  }

  private async find(reference: string): Promise<LineWithPromise> {
    const ids = idsOfReference(reference);
    const rows = ids === null ? [] : await this.database.query<LineWithPromise>(FIND_BY_REFERENCE, ids);
    const [row] = rows.filter(({ claim }) => claim !== null);
    if (row) return row;
    const advice =
      'it is in the letter and in makegood.compensation.unclaimed (claimReference); GET /unclaimed lists them';
    const detail = `no line that was set aside has the reference ${reference}`;
    throw new HttpProblem(404, { code: 'CLAIM_REFERENCE_UNKNOWN', detail, advice });
  }

  /** An export pays into an account, so there has to be one. */
  private async expectPayee(customer: string): Promise<void> {
    const [row] = await this.database.query<{ hasPayee: boolean }>(HAS_PAYEE, [customer]);
    if (row?.hasPayee) return;
    const advice = 'send customer.updated with {customer, payee: {method, reference, name}} first';
    throw new HttpProblem(409, { code: 'PAYEE_UNKNOWN', detail: `it is not known how to pay ${customer}`, advice });
  }
}
