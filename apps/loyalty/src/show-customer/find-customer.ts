import type { Database } from '#libs/persistence';
import { documentOf, type CustomerDocument } from '../customer-document/document.js';
import { FIND_CUSTOMER } from '../sql/find-customer.js';
import type { ShownCustomer } from './customer-view.js';

/** Merges of merges: more in a row than anyone does by hand. */
const MERGES_FOLLOWED_MAX = 10;

/** A customer by any of the ids under which they were known; null when none is. */
export async function findCustomer(database: Database, id: string): Promise<ShownCustomer | null> {
  if (id.includes('\0')) return null; // no text of PostgreSQL's
  let customer = id;
  for (let hops = 0; hops < MERGES_FOLLOWED_MAX; hops++) {
    const [row] = await database.query<
      Omit<ShownCustomer, 'document'> & {
        readonly document: Partial<CustomerDocument>;
        readonly mergedInto: string | null;
      }
    >(FIND_CUSTOMER, [customer]);
    if (!row) return null;
    if (row.mergedInto === null) return { ...row, document: documentOf(row.document) };
    customer = row.mergedInto;
  }
  return null;
}
