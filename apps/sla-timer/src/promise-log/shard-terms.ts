import type { DisruptionEffect } from '#libs/contracts';
import { compileDisruptionScope } from '#libs/guarantees';
import { ProblemError } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import type { Disruption, Silence, Terms } from '#libs/promise-engine';
import { LOAD_DISRUPTIONS, LOAD_SILENCES } from './sql.js';

/** What a shard's log has said of disruptions and silent sources. */
export type TimeTerms = Pick<Terms, 'disruptions' | 'silences'>;

interface DisruptionRow extends Omit<Disruption, 'scope' | 'effect'> {
  readonly effect: DisruptionEffect;
  readonly scope: string | null;
}

const EVERY_PROMISE: Disruption['scope'] = { matches: () => true };

/** @throws ProblemError the first mistake of a scope. */
export function scopeOf(text: string | null): Disruption['scope'] {
  if (text === null) return EVERY_PROMISE;
  const scope = compileDisruptionScope(text);
  const [problem] = scope.problems ?? [];
  if (problem) throw new ProblemError(problem);
  return scope as Disruption['scope'];
}

/** The disruptions and silences of each shard, read again only when its `terms_version` has risen. */
export class ShardTerms {
  private readonly known = new Map<number, { readonly version: number; readonly terms: TimeTerms }>();

  async load(shard: number, version: number, tx: Sql): Promise<TimeTerms> {
    const known = this.known.get(shard);
    if (known?.version === version) return known.terms;
    const disruptions = (await tx.query<DisruptionRow>(LOAD_DISRUPTIONS, [shard])).map((row) => ({
      ...row,
      scope: scopeOf(row.scope),
    }));
    const terms: TimeTerms = { disruptions, silences: await tx.query<Silence>(LOAD_SILENCES, [shard]) };
    this.known.set(shard, { version, terms });
    return terms;
  }
}
