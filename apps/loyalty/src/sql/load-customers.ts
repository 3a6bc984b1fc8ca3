/**
 * $1: customers, a row each. Their documents (null: never seen), what was said of them, and what the topic says was told of
 * them before this database was put back.
 */
export const LOAD_CUSTOMERS = `
select wanted.customer, c.announced_score as "announcedScore", c.announced_tier as "announcedTier",
  c.announced_event as "announcedEvent", c.document, c.snapshots,
  w.watch, w.look_at_ms as "lookAtMs", t.told
from unnest($1::text[]) as wanted (customer)
  left join customer c on c.customer = wanted.customer
  left join customer_watch w on w.customer = wanted.customer
  left join told_before t on t.customer = wanted.customer`;

/** $1 shard, $2 time, $3 how many at most: customers whom passing time may have moved, longest waiting first. */
export const DUE_FOR_LOOK = `
select customer from customer_watch where shard = $1 and look_at_ms <= $2 order by look_at_ms, customer limit $3`;

/** $1: keys of customers; those of them who were erased, and when. */
export const FIND_ERASED = `
select erased_key as "key", erased_at_ms as "erasedAtMs" from erasure where erased_key = any($1::uuid[])`;
