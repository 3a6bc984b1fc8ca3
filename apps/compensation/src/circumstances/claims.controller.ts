import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Headers, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { TOPICS } from '#libs/contracts';
import { formatInstant, parseInstant } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { CallerOf, DATABASE, HttpProblem, Roles, type Caller } from '#libs/service';
import { MoneyCommands } from '../commands/money-commands.js';
import { readBody } from '../commands/read-body.js';
import { CLAIM_TYPE } from './claim.js';

const text = z.string().min(1).max(200);
const claimBody = z
  .strictObject({
    promise: z.uuid().optional(),
    subject: text.optional(),
    refs: z.record(text, text).optional(),
    claimant: text,
    party: z.enum(['customer', 'payer', 'recipient']).optional(),
    channel: text.optional(),
    at: z
      .string()
      .refine((value) => parseInstant(value) !== null, 'an RFC 3339 instant with offset expected')
      .optional(),
    wants: text.optional(),
  })
  .refine(({ promise, subject, refs }) => promise ?? subject ?? refs, 'one of promise, subject and refs expected');

const LIST_CLAIMS = `
select event_id as "claimId", source, promise_id as "promise", subject, refs, claimant, channel, at_ms as "atMs", wants, actor, answers
from claim where ($1::text is null or subject = $1) and ($2::text is null or claimant = $2)
order by at_ms desc, event_id limit 200`;

interface ClaimRow {
  readonly refs: string;
  readonly atMs: number;
}

/** Staff file for whom calls; the answer comes as `makegood.claim.answered`. */
@Controller('claims')
export class ClaimsController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(MoneyCommands) private readonly commands: MoneyCommands,
  ) {}

  @Post()
  @HttpCode(202)
  @Roles('operations')
  async file(
    @Body() body: unknown,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @CallerOf() caller: Caller,
  ): Promise<{ id: string }> {
    const claim = readBody(claimBody, body, 'CLAIM_INVALID');
    const id = idempotencyKey ?? randomUUID();
    const key = claim.subject ?? claim.promise ?? Object.values(claim.refs ?? {})[0];
    if (key === undefined) throw new HttpProblem(400, { code: 'CLAIM_INVALID', detail: '/refs: is empty' });
    await this.commands.send({
      id,
      type: CLAIM_TYPE,
      topic: TOPICS.settlements,
      key,
      actor: caller.keyId,
      data: claim,
    });
    return { id };
  }

  /** Newest first, at most 200. */
  @Get()
  @Roles('viewer', 'operations', 'finance', 'approver')
  async list(@Query() query: Record<string, string | undefined>) {
    const rows = await this.database.query<ClaimRow>(LIST_CLAIMS, [
      query['subject'] ?? null,
      query['claimant'] ?? null,
    ]);
    return {
      items: rows.map(({ refs, atMs, ...row }) => ({
        ...row,
        refs: JSON.parse(refs) as unknown,
        at: formatInstant(atMs),
      })),
    };
  }
}
