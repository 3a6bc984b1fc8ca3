/** Locked in one order, so that two batches wait for each other instead of dying. */
export const LOCK_BUDGETS = `
select b.guarantee, b.period, b.customer, b.currency, b.used_minor as "usedMinor"
from budget_use b
join unnest($1::text[], $2::text[], $3::text[], $4::text[]) as wanted (guarantee, period, customer, currency)
  using (guarantee, period, customer, currency)
order by 1, 2, 3, 4 for update of b`;

export const OPEN_BUDGETS = `
insert into budget_use (guarantee, period, customer, currency, used_minor)
select guarantee, period, customer, currency, 0
from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as wanted (guarantee, period, customer, currency)
order by 1, 2, 3, 4
on conflict do nothing`;

export const ADD_TO_BUDGETS = `
insert into budget_use (guarantee, period, customer, currency, used_minor)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
on conflict (guarantee, period, customer, currency) do update set used_minor = budget_use.used_minor + excluded.used_minor`;

export const COUNT_BREACHES = `
insert into breach_count (guarantee, region, bucket_ms, breaches)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
on conflict (guarantee, region, bucket_ms) do update set breaches = breach_count.breaches + excluded.breaches
returning guarantee, region, bucket_ms as "bucketMs", breaches`;

export const READ_BREACHES = `
select guarantee, region, bucket_ms as "bucketMs", coalesce(breaches, 0) as breaches
from unnest($1::text[], $2::text[], $3::bigint[]) as wanted (guarantee, region, bucket_ms)
left join breach_count using (guarantee, region, bucket_ms)`;

/** Breaches of the span before each bucket. */
export const SUM_BREACHES_BEFORE = `
select guarantee, region, bucket_ms as "bucketMs", (
  select coalesce(sum(breaches), 0)::bigint from breach_count c
  where c.guarantee = wanted.guarantee and c.region = wanted.region
    and c.bucket_ms >= wanted.bucket_ms - $4::bigint and c.bucket_ms < wanted.bucket_ms
) as breaches
from unnest($1::text[], $2::text[], $3::bigint[]) as wanted (guarantee, region, bucket_ms)`;

/** The first that passed the limit is remembered, with the newest count. */
export const SAVE_TRIPS = `
insert into breaker_trip (guarantee, region, bucket_ms, breaches, limit_millis, tripped_at_ms)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
on conflict (guarantee, region, bucket_ms) do update set breaches = greatest(breaker_trip.breaches, excluded.breaches)
returning (xmax = 0) as "isNew"`;

export const LOCK_RECEIVABLES = `
select beneficiary, currency, open_minor as "openMinor" from receivable
where beneficiary = any($1::text[]) order by beneficiary, currency for update`;

export const ADD_TO_RECEIVABLES = `
insert into receivable (beneficiary, currency, open_minor)
select * from unnest($1::text[], $2::text[], $3::bigint[])
on conflict (beneficiary, currency) do update set open_minor = receivable.open_minor + excluded.open_minor`;
