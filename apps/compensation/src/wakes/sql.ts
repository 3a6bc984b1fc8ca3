export const SERVICE_TIME = `select time_ms as "timeMs" from service_time where shard = $1`;

export const HAS_DUE = `
select exists (
  select from line where shard = $1 and wake_at_ms <= (select time_ms from service_time where shard = $1)
) as "isDue"`;

export const FIND_DUE = `
select promise_id as "promiseId", time_ms as "timeMs" from line join service_time using (shard)
where shard = $1 and wake_at_ms <= time_ms order by wake_at_ms, line_id limit $2`;
