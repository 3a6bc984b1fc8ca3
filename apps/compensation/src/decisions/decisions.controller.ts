import { randomUUID } from 'node:crypto';
import { Body, Controller, Headers, Inject, Param, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { TOPICS } from '#libs/contracts';
import { formatInstant, MAX_AMOUNT_MINOR, parseInstant, type Clock } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { CallerOf, CLOCK, DATABASE, HttpProblem, Roles, type Caller } from '#libs/service';
import type { LineView } from '../compensations/line-view.js';
import { FIND_PROMISE } from '../compensations/sql.js';
import { readBody } from '../commands/read-body.js';
import { LineCommands } from '../commands/line-commands.js';
import { MoneyCommands } from '../commands/money-commands.js';
import { UUID } from '../settlements/read-settlement.js';
import { BULK_COMMANDS } from './line-command.js';
import { BULK_PROGRESS } from './sql.js';

type Verb = 'approve' | 'reject';

const instant = z.string().refine((text) => parseInstant(text) !== null, 'an RFC 3339 instant with offset expected');
const lineBody = z.strictObject({
  /** As the person saw it; words have none. */
  amount: z
    .strictObject({ amountMinor: z.int().positive().max(MAX_AMOUNT_MINOR), currency: z.string().regex(/^[A-Z]{3}$/) })
    .optional(),
  reason: z.string().max(200).optional(),
});
const bulkBody = z.strictObject({
  guarantee: z.string().min(1).max(63),
  region: z.string().min(1).max(200).optional(),
  from: instant,
  to: instant,
  reason: z.string().min(1).max(200),
});

/** Decisions are events first: this writes them to the log and waits for what comes of them. */
@Controller('lines')
export class DecisionsController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(MoneyCommands) private readonly commands: MoneyCommands,
    @Inject(LineCommands) private readonly lines: LineCommands,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** All lines of a guarantee (and region), issued in [from, to], that the breaker holds. */
  @Post('approve')
  @Roles('operations', 'approver')
  approveMany(
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decideMany('approve', body, key, caller, response);
  }

  @Post('reject')
  @Roles('operations', 'approver')
  rejectMany(
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decideMany('reject', body, key, caller, response);
  }

  /** 409 LINE_CHANGED unless the line is held over exactly the amount that the caller names. */
  @Post(':id/approve')
  @Roles('approver')
  approve(
    @Param('id') id: string,
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decide('approve', id, body, key, caller, response);
  }

  @Post(':id/reject')
  @Roles('approver')
  reject(
    @Param('id') id: string,
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decide('reject', id, body, key, caller, response);
  }

  private async decide(
    verb: Verb,
    id: string,
    body: unknown,
    key: string | undefined,
    caller: Caller,
    response: Response,
  ): Promise<LineView | { id: string }> {
    const { amount, reason } = readBody(lineBody, body, 'DECISION_INVALID');
    const promiseId = await this.promiseOf(id);
    const more = { ...(amount ? { amount } : {}), ...(reason ? { reason } : {}) };
    return this.lines.decide({ verb, lineId: id.toLowerCase(), promiseId, more }, key, caller, response);
  }

  private async decideMany(
    verb: Verb,
    body: unknown,
    key: string | undefined,
    caller: Caller,
    response: Response,
  ): Promise<{ id: string; lines?: number }> {
    const bulk = readBody(bulkBody, body, 'DECISION_INVALID');
    const id = key ?? randomUUID();
    const { shards } = this.commands;
    await this.commands.send({
      id,
      type: BULK_COMMANDS[verb],
      topic: TOPICS.control,
      key: bulk.guarantee,
      actor: caller.keyId,
      data: { ...bulk, by: caller.keyId, decidedAt: formatInstant(this.clock.nowMs()) },
    });
    const progress = await this.commands.untilKnown(async () => {
      const [row] = await this.database.query<{ done: number; lines: number }>(BULK_PROGRESS, [id]);
      return row && row.done >= shards ? row : null;
    });
    response.status(progress === null ? 202 : 200);
    return progress === null ? { id } : { id, lines: progress.lines };
  }

  private async promiseOf(lineId: string): Promise<string> {
    const [row] = UUID.test(lineId) ? await this.database.query<{ promiseId: string }>(FIND_PROMISE, [lineId]) : [];
    if (row) return row.promiseId;
    const advice = 'take the lineId of its event on makegood.compensations.v1, or GET /compensations?state=held';
    throw new HttpProblem(404, { code: 'LINE_UNKNOWN', detail: 'there is no line of this id', advice });
  }
}
