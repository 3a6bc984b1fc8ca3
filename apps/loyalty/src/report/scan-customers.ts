import type { Database } from '#libs/persistence';
import type { ModelSettings } from '#libs/signals';
import { documentOf, type CustomerDocument } from '../customer-document/document.js';
import { Trail, type Snapshot } from '../customer-document/history.js';

/** $1 customer after which to go on or null, $2 how many at most. */
const PAGE_OF_CUSTOMERS = `
select customer, document, snapshots from customer
where merged_into is null and ($1::text is null or customer > $1) order by customer limit $2`;

/** The latest moment that anything is known of: reports are as of then, never as of a wall clock. */
const LATEST = `select coalesce(max(as_of_ms), 0) as "latestMs" from customer where merged_into is null`;

const PAGE_SIZE = 500;

export interface ScannedCustomer {
  readonly customer: string;
  readonly document: CustomerDocument;
  readonly trail: Trail;
}

export async function latestMs(database: Database): Promise<number> {
  const [row] = await database.query<{ latestMs: number }>(LATEST, []);
  return row?.latestMs ?? 0;
}

/** Reads customers in order of id, a page at a time, so that memory does not grow with their number. */
export async function scanCustomers(
  database: Database,
  settings: ModelSettings,
  visit: (customer: ScannedCustomer) => void,
  customersMax = Infinity,
): Promise<number> {
  let after: string | null = null;
  let count = 0;
  while (count < customersMax) {
    const rows: { customer: string; document: Partial<CustomerDocument>; snapshots: readonly Snapshot[] }[] =
      await database.query(PAGE_OF_CUSTOMERS, [after, Math.min(PAGE_SIZE, customersMax - count)]);
    for (const { customer, document: stored, snapshots } of rows) {
      const document = documentOf(stored);
      visit({ customer, document, trail: Trail.of(document, settings, snapshots) });
    }
    count += rows.length;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE_SIZE) break;
    after = last.customer;
  }
  return count;
}
