import { Body, Controller, Get, Headers, HttpStatus, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { CallerOf, HttpProblem, Roles, type Caller } from '#libs/service';
import { GuaranteeSets, type Activation } from './guarantee-sets.js';

const requestSchema = z.object({
  files: z
    .array(z.object({ file: z.string().min(1).max(500), text: z.string().max(256 * 1024) }))
    .min(1)
    .max(1_000),
});

@Controller('guarantees')
export class GuaranteesController {
  constructor(@Inject(GuaranteeSets) private readonly sets: GuaranteeSets) {}

  @Get()
  @Roles('viewer', 'operations', 'finance', 'approver')
  async list(): Promise<{
    setHash: string | null;
    guarantees: { name: string; version: number; file: string; hash: string; text: string }[];
  }> {
    const files = await this.sets.known();
    return {
      setHash: await this.sets.activeHash(),
      guarantees: files.map(({ name, version, file, hash, text }) => ({ name, version, file, hash, text })),
    };
  }

  @Post()
  @Roles('operations')
  async activate(
    @Body() body: unknown,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Activation> {
    const request = requestSchema.safeParse(body);
    if (!request.success) {
      const [issue] = request.error.issues;
      throw new HttpProblem(400, {
        code: 'FIELD_INVALID',
        detail: issue?.message ?? 'expected {files: [{file, text}]}',
        pointer: `/${issue?.path.join('/') ?? ''}`,
      });
    }
    const activation = await this.sets.activate(request.data.files, idempotencyKey, caller.keyId);
    response.status(activation.applied ? HttpStatus.OK : HttpStatus.ACCEPTED);
    return activation;
  }
}
