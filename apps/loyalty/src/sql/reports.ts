/** $1 level or null, $2 customer after which to go on or null, $3 how many at most: whom somebody should look after. */
export const LIST_RISKS = `
select w.customer, w.risk, w.gesture, c.score, c.tier, c.churn_risk as "churnRisk", c.as_of_ms as "asOfMs"
from customer_watch w join customer c on c.customer = w.customer
where w.risk <> 'none' and c.merged_into is null
  and ($1::text is null or w.risk = $1) and ($2::text is null or w.customer > $2)
order by w.customer limit $3`;

/** Customers by the month in which they were first seen. */
export const COHORTS = `
select to_char(to_timestamp(first_ms / 1000.0) at time zone 'UTC', 'YYYY-MM') as cohort, count(*) as customers,
  avg(score) as score, avg(churn_risk) as "churnRisk",
  count(*) filter (where tier in ('advocate', 'loyal')) as loyal,
  count(*) filter (where tier in ('at_risk', 'broken')) as "atRisk",
  count(*) filter (where purchase_days > 1) as "boughtAgain",
  sum(promises_kept) as "promisesKept", sum(promises_missed) as "promisesMissed"
from (
  select *, least(coalesce(since_ms, as_of_ms), coalesce(first_purchase_day * 86400000::bigint, as_of_ms)) as first_ms
  from customer where merged_into is null
) as seen
group by 1 order by 1`;

/** Recency, frequency, money in fifths (5 the best) of those who ever bought. */
export const RFM = `
select recency, frequency, money, count(*) as customers, avg(score) as score, avg(churn_risk) as "churnRisk"
from (
  select score, churn_risk, ntile(5) over (order by last_purchase_day, customer) as recency,
    ntile(5) over (order by purchase_days, orders, customer) as frequency, ntile(5) over (order by spent, customer) as money
  from customer where purchase_days > 0 and merged_into is null
) as fifths
group by recency, frequency, money order by recency desc, frequency desc, money desc`;

/** $1 day: buying histories up to it, in days, each with how many customers share it. */
export const PURCHASE_HISTORIES = `
select purchase_days - 1 as repeats, last_purchase_day - first_purchase_day as recency, $1 - first_purchase_day as age,
  count(*) as customers
from customer where purchase_days > 0 and last_purchase_day <= $1 and merged_into is null
group by 1, 2, 3 order by 1, 2, 3`;

export const LAST_FIT = `select day, customers, repeaters, parameters from model_fit order by day desc limit 1`;

/** $1 day, $2 customers, $3 repeaters, $4 parameters. */
export const SAVE_FIT = `
insert into model_fit (day, customers, repeaters, parameters) values ($1, $2, $3, $4) on conflict (day) do nothing`;
