import { Controller, Get, HttpCode, Inject, Param, ParseIntPipe, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import type { LogReader } from '#libs/messaging';
import type { Logger } from '#libs/observability';
import type { Database } from '#libs/persistence';
import { acceptShard, readHalts, type AcceptedTopic, type Halt } from '#libs/shard-log';
import { CallerOf, Roles } from './auth.js';
import { HttpProblem } from './http-problem.js';
import type { Caller } from './key-store.js';
import { DATABASE, LOG_READER, LOGGER } from './tokens.js';

const BODY_CHARS_MAX = 16_384;
const acceptBody = z.strictObject({ reason: z.string().min(1).max(2_000) });

/** Shards that stand still because their log went back. */
@Controller('shards')
export class ShardsController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(LOG_READER) private readonly reader: LogReader,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Get('halted')
  @Roles('viewer', 'operations')
  async halted(): Promise<{ halted: Halt[] }> {
    return { halted: await readHalts(this.database) };
  }

  /** The shard goes on in the log as it is now. */
  @Post(':shard/accept')
  @HttpCode(200)
  @Roles('operations')
  async accept(
    @Param('shard', ParseIntPipe) shard: number,
    @Req() request: Request,
    @CallerOf() caller: Caller,
  ): Promise<{ shard: number; topics: AcceptedTopic[] }> {
    const read = acceptBody.safeParse(await bodyOf(request));
    if (!read.success) {
      const detail = `/reason: ${read.error.issues[0]?.message ?? 'a text expected'}`;
      throw new HttpProblem(400, { code: 'FIELD_INVALID', detail, pointer: '/reason' });
    }
    const topics = await acceptShard(this.database, this.reader, shard);
    if (topics === null) {
      const detail = `shard ${shard} stands still → it does not`;
      throw new HttpProblem(409, {
        code: 'SHARD_NOT_HALTED',
        detail,
        advice: 'GET /shards/halted lists those that do',
      });
    }
    this.logger.warn({ shard, topics, by: caller.keyId, reason: read.data.reason }, 'the log is taken as it is now');
    return { shard, topics };
  }
}

/** As the service's own parser read it; intake has none, since it reads what upstream sends by itself. */
async function bodyOf(request: Request): Promise<unknown> {
  if (request.body !== undefined) return request.body as unknown;
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > BODY_CHARS_MAX)
      throw new HttpProblem(413, { code: 'BODY_TOO_LARGE', detail: `more than ${BODY_CHARS_MAX} characters` });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new HttpProblem(400, { code: 'JSON_MALFORMED', detail: '{"reason": TEXT} expected' });
  }
}
