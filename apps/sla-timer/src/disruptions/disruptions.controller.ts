import { Body, Controller, Delete, Get, Headers, HttpStatus, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { DISRUPTION_EFFECTS } from '#libs/contracts';
import { formatInstant, parseInstant } from '#libs/kernel';
import { CallerOf, HttpProblem, Roles, type Caller } from '#libs/service';
import { CommandLog } from '../commands/command-log.js';
import { limitFrom } from '../commands/paging.js';
import { readBody } from '../commands/read-body.js';
import { Disruptions, type DisruptionView } from './disruptions.js';

const instant = z.string().transform((text, context) => {
  const atMs = parseInstant(text);
  if (atMs === null) {
    context.addIssue('an RFC 3339 instant with an offset was expected, e.g. 2018-05-21T00:00:00-03:00');
    return z.NEVER;
  }
  return formatInstant(atMs);
});
const declaration = z
  .strictObject({
    from: instant,
    to: instant,
    effect: z.enum(DISRUPTION_EFFECTS, `one of ${DISRUPTION_EFFECTS.join(', ')} was expected`).default('excuse'),
    scope: z.string().min(1).max(10_000).nullish(),
    reason: z.string().min(1, 'say why, for whoever asks later').max(500),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], message: '`to` must lie after `from`' });
const withdrawal = z.strictObject({ reason: z.string().min(1).max(500).nullish() });

@Controller('disruptions')
export class DisruptionsController {
  constructor(
    @Inject(Disruptions) private readonly disruptions: Disruptions,
    @Inject(CommandLog) private readonly log: CommandLog,
  ) {}

  @Get()
  @Roles('viewer', 'operations', 'finance', 'approver')
  async list(
    @Query() query: Record<string, string | undefined>,
  ): Promise<{ disruptions: DisruptionView[]; cursor: string | null }> {
    const limit = limitFrom(query['limit']);
    const disruptions = await this.disruptions.list(query['cursor'] ?? '', limit);
    return { disruptions, cursor: disruptions.length === limit ? (disruptions.at(-1)?.id ?? null) : null };
  }

  @Post()
  @Roles('operations')
  async declare(
    @Body() body: unknown,
    @Headers('idempotency-key') header: string | undefined,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ id: string; applied: boolean }> {
    const { from, to, effect, scope, reason } = readBody(declaration, body);
    const wanted = { from, to, effect, scope: scope ?? null, reason, by: caller.keyId };
    const declared = await this.disruptions.declare(wanted, this.log.keyFrom(header));
    response.status(declared.applied ? HttpStatus.OK : HttpStatus.ACCEPTED);
    return declared;
  }

  @Delete(':id')
  @Roles('operations')
  async withdraw(
    @Param('id') id: string,
    @Body() body: unknown,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ id: string; applied: boolean }> {
    const { reason } = readBody(withdrawal, body);
    const withdrawn = await this.disruptions.withdraw(id, { by: caller.keyId, reason: reason ?? null });
    if (!withdrawn)
      throw new HttpProblem(404, {
        code: 'DISRUPTION_UNKNOWN',
        detail: `no disruption has the id ${id.slice(0, 50)}`,
        advice: 'list them: GET /disruptions, ./makegood disruption list',
      });
    response.status(withdrawn.applied ? HttpStatus.OK : HttpStatus.ACCEPTED);
    return withdrawn;
  }
}
