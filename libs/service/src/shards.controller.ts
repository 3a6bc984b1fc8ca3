import { Controller, Get, HttpCode, Inject, Param, ParseIntPipe, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import type { LogReader } from '#libs/messaging';
import type { Logger } from '#libs/observability';
import type { Clock } from '#libs/kernel';
import {
  acceptShard,
  moveShard,
  readHalts,
  type AcceptedTopic,
  type Halt,
  type MovedShard,
  type ShardDatabases,
} from '#libs/shard-log';
import { CallerOf, Roles } from './auth.js';
import { HttpProblem } from './http-problem.js';
import type { Caller } from './key-store.js';
import type { ServiceOptions } from './service-options.js';
import { CLOCK, DATABASES, LOG_READER, LOGGER, SERVICE_OPTIONS } from './tokens.js';

const BODY_CHARS_MAX = 16_384;
const reason = z.string('say why, for whoever asks later').min(1).max(2_000);
const acceptBody = z.strictObject({ reason });
const moveBody = z.strictObject({ to: z.string('the name of a database was expected').min(1).max(40), reason });

/** Shards that stand still because their log went back, and the databases that shards live in. */
@Controller('shards')
export class ShardsController {
  constructor(
    @Inject(DATABASES) private readonly databases: ShardDatabases,
    @Inject(LOG_READER) private readonly reader: LogReader,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions,
  ) {}

  @Get('halted')
  @Roles('viewer', 'operations')
  async halted(): Promise<{ halted: Halt[] }> {
    return { halted: await readHalts(this.databases) };
  }

  /** Which database each shard lives in. */
  @Get('places')
  @Roles('viewer', 'operations')
  async places(): Promise<{ shards: { shard: number; database: string; isMoving: boolean }[] }> {
    const directory = await this.databases.directory();
    const shards = Array.from({ length: this.options.environment.MAKEGOOD_SHARDS }, (_, shard) => {
      const { name, isMoving } = directory.placeOf(shard);
      return { shard, database: name, isMoving };
    });
    return { shards };
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
    const { reason } = readAs(acceptBody, await bodyOf(request));
    const topics = await acceptShard(await this.databases.of(shard), this.reader, shard);
    if (topics === null) {
      const detail = `shard ${shard} stands still → it does not`;
      throw new HttpProblem(409, {
        code: 'SHARD_NOT_HALTED',
        detail,
        advice: 'GET /shards/halted lists those that do',
      });
    }
    this.logger.warn({ shard, topics, by: caller.keyId, reason }, 'the log is taken as it is now');
    return { shard, topics };
  }

  /** Its rows go to another database, while events flow; answered when they are there. */
  @Post(':shard/move')
  @HttpCode(200)
  @Roles('operations')
  async move(
    @Param('shard', ParseIntPipe) shard: number,
    @Req() request: Request,
    @CallerOf() caller: Caller,
  ): Promise<MovedShard> {
    const { to, reason } = readAs(moveBody, await bodyOf(request));
    const shards = this.options.environment.MAKEGOOD_SHARDS;
    if (shard < 0 || shard >= shards)
      throw new HttpProblem(404, { code: 'SHARD_UNKNOWN', detail: `a shard from 0 to ${shards - 1} → ${shard}` });
    const { databases, clock } = this;
    const { sharedTables = [] } = this.options;
    const moved = await moveShard({ databases, sharedTables, clock }, { shard, to });
    this.logger.warn({ ...moved, by: caller.keyId, reason }, 'the shard lives there now');
    return moved;
  }
}

function readAs<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const pointer = `/${issue?.path.join('/') ?? ''}`;
  throw new HttpProblem(400, {
    code: 'FIELD_INVALID',
    detail: `${pointer}: ${issue?.message ?? 'unexpected'}`,
    pointer,
  });
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
