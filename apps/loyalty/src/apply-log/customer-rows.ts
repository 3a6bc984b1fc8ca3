import { segmentOf, type Tier } from '#libs/loyalty-model';
import type { Sql } from '#libs/persistence';
import { compensationOf, countsOf } from '../customer-document/counts.js';
import type { CustomerDocument } from '../customer-document/document.js';
import { LOAD_CUSTOMERS } from '../sql/load-customers.js';
import { SAVE_CUSTOMERS } from '../sql/save-customers.js';
import type { CustomerWork, StoredCustomer } from './customer-work.js';

interface CustomerRow {
  readonly customer: string;
  readonly announcedScore: number | null;
  readonly announcedTier: Tier | null;
  readonly document: CustomerDocument;
}

/** What is known of customers; those never seen are not in the answer. */
export async function loadCustomers(customers: readonly string[], tx: Sql): Promise<Map<string, StoredCustomer>> {
  const rows = await tx.query<CustomerRow>(LOAD_CUSTOMERS, [customers]);
  return new Map(
    rows.map(({ customer, announcedScore: score, announcedTier: tier, document }) => [
      customer,
      { document, announced: score === null || tier === null ? null : { score, tier } },
    ]),
  );
}

/** Writes the customers that changed, in one statement. */
export async function saveCustomers(work: ReadonlyMap<string, CustomerWork>, tx: Sql): Promise<void> {
  const rows = [...work].flatMap(([customer, one]) => rowOf(customer, one));
  if (rows.length === 0) return;
  const columns = rows[0]?.map((_, column) => rows.map((row) => row[column])) ?? [];
  await tx.query(SAVE_CUSTOMERS, columns);
}

/** In the order of SAVE_CUSTOMERS. */
function rowOf(customer: string, work: CustomerWork): unknown[][] {
  const result = work.result();
  if (!result) return [];
  const { document, announced, standing } = result;
  const counts = countsOf(document);
  return [
    [
      customer,
      document.asOfMs,
      standing.components.score,
      standing.tier,
      segmentOf(standing.components),
      counts.kept,
      counts.missed,
      counts.excused,
      counts.cancelled,
      JSON.stringify(compensationOf(counts)),
      announced?.score ?? null,
      announced?.tier ?? null,
      JSON.stringify(document),
    ],
  ];
}
