import { nameIdOf } from '#libs/kernel';
import { churnRiskOf, segmentOf, type Ruleset, type Tier } from '#libs/loyalty-model';
import type { Sql } from '#libs/persistence';
import { compensationOf, countsOf } from '../customer-document/counts.js';
import { documentOf, type CustomerDocument } from '../customer-document/document.js';
import type { Snapshot } from '../customer-document/history.js';
import { purchaseFigures } from '../customer-document/purchases.js';
import { FIND_ERASED, LOAD_CUSTOMERS } from '../sql/load-customers.js';
import type { ToldBefore } from '../told-before/told-before.js';
import { asLines, CUSTOMER_COLUMNS, LINE_COLUMNS, SAVE_CUSTOMERS, SAVE_WATCHES } from '../sql/save-customers.js';
import { NOTHING_SAID, type Watch } from '../watch-customers/watch.js';
import type { StoredCustomer, WorkedCustomer } from './customer-work.js';

interface CustomerRow {
  readonly customer: string;
  readonly announcedScore: number | null;
  readonly announcedTier: Tier | null;
  readonly announcedEvent: string | null;
  /** null: the customer was never seen. */
  readonly document: Partial<CustomerDocument> | null;
  readonly snapshots: readonly Snapshot[];
  readonly watch: Watch | null;
  readonly lookAtMs: number | null;
  readonly told: ToldBefore | null;
}

/** What the tables hold of a customer; both null: nothing. */
interface LoadedCustomer {
  readonly stored: StoredCustomer | null;
  readonly toldBefore: ToldBefore | null;
}

/** What is known of customers, and what was told of them before. */
export async function loadCustomers(customers: readonly string[], tx: Sql): Promise<Map<string, LoadedCustomer>> {
  const rows = await tx.query<CustomerRow>(LOAD_CUSTOMERS, [customers]);
  return new Map(rows.map((row) => [row.customer, { stored: storedOf(row), toldBefore: row.told }]));
}

function storedOf({ document, snapshots, watch, lookAtMs, ...announced }: CustomerRow): StoredCustomer | null {
  if (document === null) return null;
  const { announcedScore: score, announcedTier: tier, announcedEvent: eventId } = announced;
  return {
    document: documentOf(document),
    announced: score === null || tier === null ? null : { score, tier, eventId },
    snapshots,
    watch: watch ?? NOTHING_SAID,
    lookAtMs: lookAtMs ?? 0,
  };
}

/** The name under which it is remembered that a customer was erased. */
export function erasedKeyOf(customer: string): string {
  return nameIdOf('erased', customer);
}

/** Which of the customers who have no row were erased, and when. */
export async function loadErasures(customers: readonly string[], tx: Sql): Promise<Map<string, number>> {
  const customerOf = new Map(customers.map((customer) => [erasedKeyOf(customer), customer]));
  const rows = await tx.query<{ key: string; erasedAtMs: number }>(FIND_ERASED, [[...customerOf.keys()]]);
  return new Map(rows.map(({ key, erasedAtMs }) => [customerOf.get(key) as string, erasedAtMs]));
}

/** Writes the customers that changed: those who learned in one statement, what was said of them in another. */
export async function saveCustomers(
  worked: readonly (readonly [string, WorkedCustomer])[],
  shard: number,
  rules: Ruleset,
  tx: Sql,
): Promise<void> {
  const rows = worked.filter(([, { learned }]) => learned).map(([customer, one]) => rowOf(customer, one, shard, rules));
  if (rows.length > 0) await tx.query(SAVE_CUSTOMERS, columnsOf(rows).map(parameterOf));
  const watched = worked.filter(([, { watchChanged }]) => watchChanged);
  if (watched.length === 0) return;
  const [customers, looks, risks, gestures, watches] = columnsOf(
    watched.map(([customer, { lookAtMs, watch }]) => [
      customer,
      lookAtMs,
      watch.risk.level,
      watch.gesture?.name ?? 'none',
      watch,
    ]),
  );
  await tx.query(SAVE_WATCHES, [customers, shard, looks, risks, gestures, asLines(watches ?? [])]);
}

function columnsOf(rows: readonly (readonly unknown[])[]): unknown[][] {
  return rows[0]?.map((_, column) => rows.map((row) => row[column])) ?? [];
}

function parameterOf(column: readonly unknown[], i: number): unknown {
  return LINE_COLUMNS.has(CUSTOMER_COLUMNS[i] as string) ? asLines(column) : column;
}

/** In the order of CUSTOMER_COLUMNS. */
function rowOf(customer: string, work: WorkedCustomer, shard: number, rules: Ruleset): unknown[] {
  const { document, announced, snapshots, standing } = work;
  const counts = countsOf(document);
  const bought = purchaseFigures(standing.state);
  return [
    customer,
    shard,
    document.asOfMs,
    document.sinceMs,
    standing.components.score,
    standing.tier,
    segmentOf(standing.components, rules),
    churnRiskOf(standing.components, rules),
    counts.kept,
    counts.missed,
    counts.excused,
    counts.cancelled,
    compensationOf(counts),
    bought.orders,
    bought.days,
    bought.firstDay,
    bought.lastDay,
    bought.spent,
    document.mergedInto?.customer ?? null,
    announced?.score ?? null,
    announced?.tier ?? null,
    announced?.eventId ?? null,
    document,
    snapshots,
  ];
}
