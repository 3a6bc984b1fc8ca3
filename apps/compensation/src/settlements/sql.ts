export const FIND_LINES = `
select line_id as "lineId", promise_id as "promiseId", kind = 'apology' as "isApology" from line where line_id = any($1::uuid[])`;

export const LOAD_SETTLEMENTS = `
select line_id as "lineId", reference, status, amount_minor as "amountMinor", paid_at_ms as "paidAtMs", reason
from settlement where line_id = any($1::uuid[])`;

export const SAVE_SETTLEMENTS = `
insert into settlement (line_id, reference, status, amount_minor, paid_at_ms, reason, event_id)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[])`;

export const KEEP_PENDING = `
insert into pending_settlement (shard, log_offset, line_id, record_key, timestamp_ms, value, since_ms)
select $1, log_offset, line_id, record_key, timestamp_ms, value, coalesce((select time_ms from service_time where shard = $1), timestamp_ms)
from unnest($2::bigint[], $3::uuid[], $4::text[], $5::bigint[], $6::text[]) as unknown (log_offset, line_id, record_key, timestamp_ms, value)`;

export const FIND_PENDING = `
select distinct line_id as "lineId" from pending_settlement where shard = $1 and line_id = any($2::uuid[])`;

/**
 * Those whose line has appeared, and those that have waited too long: by the slowest shard's time, since it may be the one
 * that has the line (a restored database reads each shard's years at a pace of its own). $3: how many shards there are;
 * one that knows no time yet is slower still.
 */
export const TAKE_PENDING = `
delete from pending_settlement p
where shard = $1 and (since_ms <= (select min(time_ms) from service_time having count(*) >= $3) - $2
  or exists (select from line where line.line_id = p.line_id))
returning log_offset as "logOffset", line_id as "lineId", record_key as "recordKey", timestamp_ms as "timestampMs", value`;

export const SAVE_TIME = `
insert into service_time (shard, time_ms) values ($1, $2)
on conflict (shard) do update set time_ms = greatest(service_time.time_ms, excluded.time_ms)`;
