/** $1: the customer. A book that was closed by a merge names the one who has the history. */
export const FIND_CUSTOMER = `
select c.customer, c.document, c.snapshots, c.merged_into as "mergedInto", w.watch
from customer c left join customer_watch w on w.customer = c.customer
where c.customer = $1`;
