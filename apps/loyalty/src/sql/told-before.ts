/** $1: customers. What the topic says was told of them before this database was put back. */
export const FIND_TOLD_BEFORE = `select customer, told from told_before where customer = any($1::text[])`;

/** $1 customers, $2 shard, $3 what was told, as JSON. */
export const SAVE_TOLD_BEFORE = `
insert into told_before (customer, shard, told)
select customer, $2, told::json from unnest($1::text[], $3::text[]) as t (customer, told)
on conflict (customer) do update set told = excluded.told`;

/** $1: customers of whom all that was told has been read again. */
export const DELETE_TOLD_BEFORE = `delete from told_before where customer = any($1::text[])`;

/** $1: customers. As of when passing time was last looked at. */
export const FIND_SEEN = `
select customer, (watch->>'seenAtMs')::bigint as "seenAtMs" from customer_watch where customer = any($1::text[])`;
