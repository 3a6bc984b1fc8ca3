/** $1: customers. Their documents and what was last announced of them. */
export const LOAD_CUSTOMERS = `
select customer, announced_score as "announcedScore", announced_tier as "announcedTier", document
from customer
where customer = any($1::text[])`;
