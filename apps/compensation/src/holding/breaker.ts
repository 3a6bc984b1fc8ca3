import type { Breaker } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import { breakerTrips } from '../metrics.js';
import { COUNT_BREACHES, READ_BREACHES, SAVE_TRIPS, SUM_BREACHES_BEFORE } from './sql.js';

const BUCKET_MS = 600_000;
const USUAL_OVER_MS = 28 * 86_400_000;
const BUCKETS_BEFORE = USUAL_OVER_MS / BUCKET_MS;

/** A breach as the breaker counts it, or a line about to be issued at that moment. */
export interface CountedCase {
  readonly guarantee: string;
  /** '': the guarantee names none. */
  readonly region: string;
  readonly decidedAtMs: InstantMs;
  readonly breaker: Breaker;
  /** Announced now for the first time. */
  readonly isNewBreach: boolean;
}

interface BucketRow {
  readonly guarantee: string;
  readonly region: string;
  readonly bucketMs: number;
  readonly breaches: number;
}

/** The ten minutes in which a guarantee has breached far more than usual in a region. */
export class Breakers {
  private constructor(private readonly tripped: ReadonlySet<string>) {}

  /** Counts the new breaches and judges each ten minutes with all that was counted in them so far. */
  static async count(cases: readonly CountedCase[], tx: Sql): Promise<Breakers> {
    if (cases.length === 0) return new Breakers(new Set());
    const buckets = bucketsOf(cases);
    const counted = await countNew(buckets, tx);
    const columns = columnsOf(buckets);
    const before = await tx.query<BucketRow>(SUM_BREACHES_BEFORE, [...columns, USUAL_OVER_MS]);
    const usual = new Map(before.map((row) => [keyOf(row), row.breaches]));
    const tripped = buckets.filter((bucket) => {
      const breaches = counted.get(keyOf(bucket)) ?? 0;
      return breaches * 1_000 > limitMillis(bucket.breaker, usual.get(keyOf(bucket)) ?? 0);
    });
    await saveTrips(tripped, counted, usual, tx);
    return new Breakers(new Set(tripped.map(keyOf)));
  }

  isTripped({ guarantee, region, decidedAtMs }: Pick<CountedCase, 'guarantee' | 'region' | 'decidedAtMs'>): boolean {
    return this.tripped.has(keyOf({ guarantee, region, bucketMs: bucketOf(decidedAtMs) }));
  }
}

/** Thousandths of a breach: factor × the mean of ten minutes over the 28 days before, at least `usualAtLeast`. */
export function limitMillis({ factorMicros, usualAtLeast }: Breaker, breachesBefore: number): number {
  const sum = Math.max(breachesBefore, usualAtLeast * BUCKETS_BEFORE);
  return Number((BigInt(factorMicros) * BigInt(sum)) / BigInt(1_000 * BUCKETS_BEFORE));
}

type Bucket = BucketRow & { readonly breaker: Breaker; readonly decidedAtMs: InstantMs };

function bucketsOf(cases: readonly CountedCase[]): Bucket[] {
  const buckets = new Map<string, Bucket>();
  for (const { guarantee, region, decidedAtMs, breaker, isNewBreach } of cases) {
    const bucket = { guarantee, region, bucketMs: bucketOf(decidedAtMs), breaches: isNewBreach ? 1 : 0 };
    const known = buckets.get(keyOf(bucket));
    buckets.set(keyOf(bucket), { ...bucket, breaker, decidedAtMs, breaches: (known?.breaches ?? 0) + bucket.breaches });
  }
  // One order for all, so that two batches wait for each other instead of dying.
  return [...buckets.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

async function countNew(buckets: readonly Bucket[], tx: Sql): Promise<Map<string, number>> {
  const [fresh, seen] = [
    buckets.filter(({ breaches }) => breaches > 0),
    buckets.filter(({ breaches }) => breaches === 0),
  ];
  const rows: BucketRow[] = [];
  if (fresh.length > 0) {
    rows.push(...(await tx.query<BucketRow>(COUNT_BREACHES, [...columnsOf(fresh), fresh.map((row) => row.breaches)])));
  }
  if (seen.length > 0) rows.push(...(await tx.query<BucketRow>(READ_BREACHES, columnsOf(seen))));
  return new Map(rows.map((row) => [keyOf(row), row.breaches]));
}

async function saveTrips(
  tripped: readonly Bucket[],
  counted: ReadonlyMap<string, number>,
  usual: ReadonlyMap<string, number>,
  tx: Sql,
): Promise<void> {
  if (tripped.length === 0) return;
  const saved = await tx.query<{ isNew: boolean }>(SAVE_TRIPS, [
    ...columnsOf(tripped),
    tripped.map((bucket) => counted.get(keyOf(bucket)) ?? 0),
    tripped.map((bucket) => limitMillis(bucket.breaker, usual.get(keyOf(bucket)) ?? 0)),
    tripped.map(({ decidedAtMs }) => decidedAtMs),
  ]);
  breakerTrips.inc(saved.filter(({ isNew }) => isNew).length);
}

function bucketOf(atMs: InstantMs): number {
  return atMs - (atMs % BUCKET_MS);
}

function columnsOf(buckets: readonly BucketRow[]): (string | number)[][] {
  return [
    buckets.map(({ guarantee }) => guarantee),
    buckets.map(({ region }) => region),
    buckets.map(({ bucketMs }) => bucketMs),
  ];
}

function keyOf({ guarantee, region, bucketMs }: Pick<BucketRow, 'guarantee' | 'region' | 'bucketMs'>): string {
  return JSON.stringify([guarantee, region, bucketMs]);
}
