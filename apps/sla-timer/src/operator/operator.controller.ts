import { Body, Controller, Headers, HttpStatus, Inject, Param, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { FACTS_BY_HAND, type OperatorFactData } from '#libs/contracts';
import { formatInstant, parseInstant } from '#libs/kernel';
import { CallerOf, HttpProblem, Roles, type Caller } from '#libs/service';
import { CommandLog } from '../commands/command-log.js';
import { readBody } from '../commands/read-body.js';
import { OperatorFacts, type Entered } from './operator-facts.js';

const reason = z.string('say why, for whoever asks later').min(1).max(500);
const name = z.string().min(1).max(200);
const factSchema = z
  .strictObject({
    as: z.enum(FACTS_BY_HAND, `one of ${FACTS_BY_HAND.join(', ')} was expected`),
    occurredAt: z
      .string()
      .refine((text) => parseInstant(text) !== null, 'an RFC 3339 instant with an offset was expected'),
    of: name.optional(),
    code: name.optional(),
    reason,
  })
  .refine(({ as, of }) => (as === 'revoked') === (of !== undefined), {
    path: ['of'],
    message: '`of` names the event that is taken back: with `as: "revoked"`, and only then',
  });
const decisionSchema = z.strictObject({
  verdict: z.enum(['kept', 'breached', 'excused', 'cancelled'], 'kept, breached, excused or cancelled was expected'),
  reason,
});
const acknowledgementSchema = z.strictObject({ reason });
const UUID = z.uuid();

type Wanted = Omit<OperatorFactData, 'promiseId' | 'by'>;

/** What people do about one promise. Each is an event in the log, under the name of their key. */
@Controller('promises')
export class OperatorController {
  constructor(
    @Inject(OperatorFacts) private readonly facts: OperatorFacts,
    @Inject(CommandLog) private readonly log: CommandLog,
  ) {}

  @Post(':id/facts')
  @Roles('operations')
  enter(
    @Param('id') id: string,
    @Body() body: unknown,
    @Headers('idempotency-key') header: string | undefined,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Entered> {
    const { occurredAt, of, code, ...rest } = readBody(factSchema, body);
    const wanted: Wanted = { ...rest, ...(of === undefined ? {} : { of }), ...(code === undefined ? {} : { code }) };
    const at = formatInstant(parseInstant(occurredAt) as number);
    return this.say({ id, wanted, occurredAt: at, header, caller, response });
  }

  @Post(':id/decide')
  @Roles('operations')
  decide(
    @Param('id') id: string,
    @Body() body: unknown,
    @Headers('idempotency-key') header: string | undefined,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Entered> {
    const wanted: Wanted = { as: 'decided', ...readBody(decisionSchema, body) };
    return this.say({ id, wanted, occurredAt: null, header, caller, response });
  }

  @Post(':id/ack')
  @Roles('operations')
  acknowledge(
    @Param('id') id: string,
    @Body() body: unknown,
    @Headers('idempotency-key') header: string | undefined,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Entered> {
    const wanted: Wanted = { as: 'acknowledged', ...readBody(acknowledgementSchema, body) };
    return this.say({ id, wanted, occurredAt: null, header, caller, response });
  }

  private async say(said: {
    readonly id: string;
    readonly wanted: Wanted;
    readonly occurredAt: string | null;
    readonly header: string | undefined;
    readonly caller: Caller;
    readonly response: Response;
  }): Promise<Entered> {
    const { id, wanted, occurredAt, header, caller, response } = said;
    if (!UUID.safeParse(id).success)
      throw new HttpProblem(404, { code: 'PROMISE_UNKNOWN', detail: `no promise has the id ${id.slice(0, 50)}` });
    const data: OperatorFactData = { promiseId: id, ...wanted, by: caller.keyId };
    const entered = await this.facts.enter(data, occurredAt, this.log.keyFrom(header));
    response.status(entered.applied ? HttpStatus.OK : HttpStatus.ACCEPTED);
    return entered;
  }
}
