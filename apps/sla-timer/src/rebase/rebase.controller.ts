import { Body, Controller, Headers, HttpStatus, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { CONTROL_TYPES, type GuaranteeRebasedData } from '#libs/contracts';
import { nameIdOf, nearestName } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { CallerOf, DATABASE, DATABASES, HttpProblem, Roles, type Caller } from '#libs/service';
import type { ShardDatabases } from '#libs/shard-log';
import { CommandLog } from '../commands/command-log.js';
import { readBody } from '../commands/read-body.js';
import { RebaseDryRun, type DryRun } from './dry-run.js';

const request = z.strictObject({
  guarantee: z.string('the name of a guarantee was expected').min(1).max(200),
  dryRun: z.boolean().default(false),
});

const NAMES = `select distinct name from guarantee_file where kind = 'guarantee' order by name`;
const APPLIED = `select count(*)::integer as shards from applied_command
where command_id = $1 and shard <> all($2::integer[])`;

/** Open promises move to calendars and tables that were activated after them: only when somebody says so. */
@Controller('rebase')
export class RebaseController {
  private readonly dryRuns: RebaseDryRun;

  constructor(
    @Inject(DATABASE) private readonly main: Database,
    @Inject(DATABASES) private readonly databases: ShardDatabases,
    @Inject(CommandLog) private readonly log: CommandLog,
  ) {
    this.dryRuns = new RebaseDryRun(databases);
  }

  @Post()
  @Roles('operations')
  async rebase(
    @Body() body: unknown,
    @Headers('idempotency-key') header: string | undefined,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<DryRun | { id: string; applied: boolean }> {
    const { guarantee, dryRun } = readBody(request, body);
    await this.assertKnown(guarantee);
    response.status(HttpStatus.OK);
    if (dryRun) return this.dryRuns.run(guarantee);
    const id = nameIdOf('rebase', this.log.keyFrom(header));
    const data: GuaranteeRebasedData = { commandId: id, guarantee, by: caller.keyId };
    if (!(await this.isApplied(id))) await this.log.tellAll(CONTROL_TYPES.guaranteeRebased, guarantee, id, data);
    const applied = await this.log.isApplied(() => this.isApplied(id));
    if (!applied) response.status(HttpStatus.ACCEPTED);
    return { id, applied };
  }

  private async isApplied(id: string): Promise<boolean> {
    const rows = await this.databases.ask<{ shards: number }>(APPLIED, [id]);
    return rows.reduce((sum, { shards }) => sum + shards, 0) >= this.log.shardCount;
  }

  private async assertKnown(guarantee: string): Promise<void> {
    const names = (await this.main.query<{ name: string }>(NAMES)).map(({ name }) => name);
    if (names.includes(guarantee)) return;
    const nearest = nearestName(guarantee, names);
    throw new HttpProblem(404, {
      code: 'GUARANTEE_UNKNOWN',
      detail: `no guarantee is called \`${guarantee.slice(0, 100)}\``,
      advice: nearest ? `Did you mean \`${nearest}\`?` : 'list them: GET /guarantees',
    });
  }
}
