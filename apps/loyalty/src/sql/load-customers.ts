/** $1: customers. Their documents, and what was said of them. */
export const LOAD_CUSTOMERS = `
select c.customer, c.announced_score as "announcedScore", c.announced_tier as "announcedTier",
  c.announced_event as "announcedEvent", c.document, c.snapshots,
  w.watch, w.look_at_ms as "lookAtMs"
from customer c left join customer_watch w on w.customer = c.customer
where c.customer = any($1::text[])`;

/** $1 shard, $2 time, $3 how many at most: customers whom passing time may have moved, longest waiting first. */
export const DUE_FOR_LOOK = `
select customer from customer_watch where shard = $1 and look_at_ms <= $2 order by look_at_ms, customer limit $3`;

/** $1: keys of customers; those of them who were erased, and when. */
export const FIND_ERASED = `
select erased_key as "key", erased_at_ms as "erasedAtMs" from erasure where erased_key = any($1::uuid[])`;
