import { partitionOf, type DisruptionEffect } from '#libs/contracts';
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

interface SilenceRow extends Silence {
  readonly fromBy: string | null;
  readonly untilBy: string | null;
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
    const silences = (await tx.query<SilenceRow>(LOAD_SILENCES, [shard])).map(silenceOf);
    const terms: TimeTerms = { disruptions, silences };
    this.known.set(shard, { version, terms });
    return terms;
  }
}

function silenceOf({ fromBy, untilBy, ...silence }: SilenceRow): Silence {
  if (fromBy === null && untilBy === null) return silence;
  const [from, until] = [fromBy, untilBy].map((text) => (text === null ? null : (JSON.parse(text) as number[])));
  const at = (times: readonly number[] | null | undefined, subject: string): number | undefined =>
    times?.[partitionOf(subject, times.length)];
  return {
    ...silence,
    asHeardBy: (subject) => ({
      fromMs: at(from, subject) ?? silence.fromMs,
      untilMs: at(until, subject) ?? silence.untilMs,
    }),
  };
}
