import { Controller, Get, Inject, Query, type Provider } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Clock } from '#libs/kernel';
import type { Logger } from '#libs/observability';
import { ShardLog } from '#libs/shard-log';
import { Roles } from './auth.js';
import { SELF_CHECK, SelfCheckRunner, type CheckedPage, type SelfCheck } from './self-check.js';
import type { ServiceOptions } from './service-options.js';
import { CLOCK, LOGGER, SERVICE_OPTIONS } from './tokens.js';

const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 2_000;

/** What `makegood verify` asks, page by page, over all shards. */
@ApiTags('self-check')
@ApiBearerAuth()
@Controller('self-check')
export class SelfCheckController {
  constructor(@Inject(SELF_CHECK) private readonly check: SelfCheck) {}

  @Get()
  @Roles('viewer', 'operations', 'finance')
  @ApiOperation({ summary: 'Compares a page of rows with what they are computed from: ?limit=&cursor=' })
  page(@Query() query: Record<string, string | undefined>): Promise<CheckedPage> {
    const limit = Math.min(LIMIT_MAX, Math.max(1, Number.parseInt(query['limit'] ?? '', 10) || LIMIT_DEFAULT));
    return this.check.page(query['cursor'] ?? '', limit, () => true);
  }
}

/** For the app's own module, beside its SELF_CHECK: live, a sample is checked all the time and everything nightly. */
export const selfCheckRunnerProvider: Provider = {
  provide: SelfCheckRunner,
  inject: [SELF_CHECK, ShardLog, CLOCK, LOGGER, SERVICE_OPTIONS],
  useFactory: (check: SelfCheck, shardLog: ShardLog, clock: Clock, log: Logger, { environment }: ServiceOptions) => {
    const runner = new SelfCheckRunner(check, shardLog, clock, log);
    if (environment.MAKEGOOD_MODE === 'live') runner.start();
    return runner;
  },
};
