import { Inject, Injectable } from '@nestjs/common';
import {
  CONTROL_TYPES,
  type DisruptionDeclaredData,
  type DisruptionEffect,
  type DisruptionWithdrawnData,
} from '#libs/contracts';
import { formatInstant, nameIdOf, ProblemError } from '#libs/kernel';
import { DATABASES, HttpProblem } from '#libs/service';
import type { ShardDatabases } from '#libs/shard-log';
import { CommandLog } from '../commands/command-log.js';
import { scopeOf } from '../promise-log/shard-terms.js';

export interface DisruptionView {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly effect: DisruptionEffect;
  readonly scope: string | null;
  readonly reason: string;
  readonly declaredBy: string;
  readonly declaredAt: string;
  readonly withdrawnAt: string | null;
  readonly withdrawnBy: string | null;
  readonly withdrawnReason: string | null;
  /** Shards that have applied it. */
  readonly shards: number;
}

interface Row {
  readonly id: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly effect: DisruptionEffect;
  readonly scope: string | null;
  readonly reason: string;
  readonly declaredBy: string;
  readonly declaredAtMs: number;
  readonly withdrawnAtMs: number | null;
  readonly withdrawnBy: string | null;
  readonly withdrawnReason: string | null;
  readonly shards: number;
}

const COLUMNS = `
select disruption_id as id, from_ms as "fromMs", until_ms as "untilMs", effect, scope, reason, declared_by as "declaredBy",
  max(declared_at_ms) as "declaredAtMs", max(withdrawn_at_ms) as "withdrawnAtMs", max(withdrawn_by) as "withdrawnBy",
  max(withdrawn_reason) as "withdrawnReason", count(*)::integer as shards
from disruption`;
const GROUPED = `group by disruption_id, from_ms, until_ms, effect, scope, reason, declared_by`;
const LIST = `
${COLUMNS} where disruption_id collate "C" > $1 and shard <> all($3::integer[]) ${GROUPED}
order by disruption_id collate "C" limit $2`;
const FIND = `${COLUMNS} where disruption_id = $1 and shard <> all($2::integer[]) ${GROUPED}`;
const WITHDRAWN_BY = `
select count(*)::integer as shards from disruption
where disruption_id = $1 and withdrawn_at_ms is not null and shard <> all($2::integer[])`;

/** Declares and withdraws disruptions through the log. */
@Injectable()
export class Disruptions {
  constructor(
    @Inject(DATABASES) private readonly databases: ShardDatabases,
    @Inject(CommandLog) private readonly log: CommandLog,
  ) {}

  async list(after: string, limit: number): Promise<DisruptionView[]> {
    return merged(await this.databases.ask<Row>(LIST, [after, limit]))
      .slice(0, limit)
      .map(viewOf);
  }

  async find(id: string): Promise<DisruptionView | null> {
    const [row] = merged(await this.databases.ask<Row>(FIND, [id]));
    return row ? viewOf(row) : null;
  }

  /** @throws HttpProblem 422 when the scope cannot be read, 409 when the key was used for another disruption. */
  async declare(
    wanted: Omit<DisruptionDeclaredData, 'disruptionId'>,
    key: string,
  ): Promise<{ id: string; applied: boolean }> {
    readScope(wanted.scope);
    const id = nameIdOf('disruption', key);
    const known = await this.find(id);
    if (known) assertSame(known, wanted);
    else
      await this.log.tellAll<DisruptionDeclaredData>(CONTROL_TYPES.disruptionDeclared, id, id, {
        disruptionId: id,
        ...wanted,
      });
    const applied = await this.log.isApplied(async () => ((await this.find(id))?.shards ?? 0) >= this.log.shardCount);
    return { id, applied };
  }

  /** @returns null when there is no such disruption. */
  async withdraw(
    id: string,
    { by, reason }: { readonly by: string; readonly reason: string | null },
  ): Promise<{ id: string; applied: boolean } | null> {
    const known = await this.find(id);
    if (!known) return null;
    if (known.withdrawnAt === null) {
      const data: DisruptionWithdrawnData = { disruptionId: id, reason, by };
      await this.log.tellAll(CONTROL_TYPES.disruptionWithdrawn, id, nameIdOf('disruption-withdrawn', id), data);
    }
    const applied = await this.log.isApplied(async () => {
      const rows = await this.databases.ask<{ shards: number }>(WITHDRAWN_BY, [id]);
      return rows.reduce((sum, { shards }) => sum + shards, 0) >= this.log.shardCount;
    });
    return { id, applied };
  }
}

/** One row a disruption, in order of ids (UUIDs in lower case): shards of several databases have applied it. */
function merged(rows: readonly Row[]): Row[] {
  const byId = new Map<string, Row>();
  for (const row of rows) {
    const other = byId.get(row.id);
    byId.set(row.id, other ? { ...joined(other, row), shards: other.shards + row.shards } : row);
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Withdrawn as soon as one shard has heard of it, as within one database. */
function joined(a: Row, b: Row): Row {
  const withdrawn = (a.withdrawnAtMs ?? -1) >= (b.withdrawnAtMs ?? -1) ? a : b;
  return { ...withdrawn, declaredAtMs: Math.max(a.declaredAtMs, b.declaredAtMs) };
}

function readScope(text: string | null): void {
  try {
    scopeOf(text);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    throw new HttpProblem(422, { ...error.problem, pointer: '/scope' });
  }
}

function assertSame(known: DisruptionView, wanted: Omit<DisruptionDeclaredData, 'disruptionId'>): void {
  const same =
    known.from === wanted.from &&
    known.to === wanted.to &&
    known.effect === wanted.effect &&
    known.scope === wanted.scope;
  if (same) return;
  throw new HttpProblem(409, {
    code: 'IDEMPOTENCY_KEY_REUSED',
    detail: `this Idempotency-Key declared the disruption ${known.id} of ${known.from} to ${known.to} before`,
    advice: 'send another key with another disruption',
  });
}

function viewOf({ fromMs, untilMs, declaredAtMs, withdrawnAtMs, ...row }: Row): DisruptionView {
  return {
    ...row,
    from: formatInstant(fromMs),
    to: formatInstant(untilMs),
    declaredAt: formatInstant(declaredAtMs),
    withdrawnAt: withdrawnAtMs === null ? null : formatInstant(withdrawnAtMs),
  };
}
