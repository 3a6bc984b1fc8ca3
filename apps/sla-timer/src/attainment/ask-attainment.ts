import type { ShardDatabases } from '#libs/shard-log';
import { ATTAINMENT, PART_OF_ATTAINMENT } from './sql.js';

export interface Counts {
  readonly promises: number;
  readonly kept: number;
  readonly breached: number;
  readonly excused: number;
  readonly cancelled: number;
  readonly unknown: number;
  readonly open: number;
}

export interface Counted extends Counts {
  /** Of breaches whose lateness is known; null: none. */
  readonly latenessP50Ms: number | null;
  readonly latenessP90Ms: number | null;
}

export type Group<Row> = Row & { readonly key: readonly string[] };

/** What one database counted, and the latenesses in rising order; null: none. */
export type Part = Counts & { readonly latenesses: readonly number[] | null };

/** The first `limit` groups in order of their keys. @param asked the statement's parameters but the last two */
export async function askAttainment(
  databases: ShardDatabases,
  asked: readonly unknown[],
  limit: number,
): Promise<Group<Counted>[]> {
  const params = [...asked, limit];
  if (databases.all.length === 1) return databases.ask<Group<Counted>>(ATTAINMENT, params);
  // Each told its first groups: what is among the first of all is whole.
  return joinGroups(await databases.ask<Group<Part>>(PART_OF_ATTAINMENT, params)).slice(0, limit);
}

export function joinGroups(parts: readonly Group<Part>[]): Group<Counted>[] {
  const groups = new Map<string, { part: Group<Part>; latenesses: number[] }>();
  for (const part of parts) {
    const name = JSON.stringify(part.key);
    const before = groups.get(name);
    const latenesses = before?.latenesses ?? [];
    for (const latenessMs of part.latenesses ?? []) latenesses.push(latenessMs);
    groups.set(name, { part: before ? sumOf(before.part, part) : part, latenesses });
  }
  return [...groups.values()]
    .map(({ part: { latenesses: _, ...part }, latenesses }) => {
      latenesses.sort((a, b) => a - b);
      return { ...part, latenessP50Ms: percentile(latenesses, 0.5), latenessP90Ms: percentile(latenesses, 0.9) };
    })
    .sort((a, b) => compareKeys(a.key, b.key));
}

function sumOf(a: Group<Part>, b: Group<Part>): Group<Part> {
  const sum = (what: keyof Counts): number => a[what] + b[what];
  return {
    ...a,
    ...{ promises: sum('promises'), kept: sum('kept'), breached: sum('breached'), excused: sum('excused') },
    ...{ cancelled: sum('cancelled'), unknown: sum('unknown'), open: sum('open') },
  };
}

/** As PostgreSQL's percentile_disc: the first value whose share of all is no less. */
function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** By bytes, as the statement orders. */
function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = Buffer.compare(Buffer.from(a[i] as string), Buffer.from(b[i] as string));
    if (order !== 0) return order;
  }
  return 0;
}
