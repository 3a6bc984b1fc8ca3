/** $1 how many: customers `c0` … with one purchase and one review each, as loyalty would have stored them. */
export const SEED_CUSTOMERS = `
insert into customer (customer, as_of_ms, score, tier, segment, promises_kept, promises_missed, promises_excused,
  promises_cancelled, compensation, announced_score, announced_tier, document, orders, purchase_days,
  first_purchase_day, last_purchase_day, spent)
select 'c' || n, 1772000000000, 60, 'neutral', 'new', 0, 0, 0, 0, '[]', 60, 'neutral',
  json_build_object('asOfMs', 1772000000000, 'sinceMs', null, 'promises', json_build_object(), 'signals', json_build_object(
    'buy-' || n, json_build_object('revision', 0, 'events', json_build_array(json_build_object(
      'type', 'purchase.made', 'at', 1771900000000, 'orderId', 'first-' || n, 'amount', 1000 + n % 977, 'category', 'tea'))),
    'say-' || n, json_build_object('revision', 0, 'events', json_build_array(json_build_object(
      'type', 'survey.answered', 'at', 1772000000000, 'kind', 'review', 'value', 1 + n % 5)))),
    'settlements', json_build_object(), 'profile', null, 'mergedInto', null, 'mergedFrom', json_build_array(), 'summary', null),
  1, 1, 20508, 20508, 1000 + n % 977
from generate_series(0, $1::integer - 1) as n
on conflict do nothing`;

/** $1 shards: when each is looked at next, spread over a year. */
export const SEED_WATCHES = `
insert into customer_watch (customer, shard, look_at_ms, risk, gesture, watch)
select customer, 0, 1780000000000 + row_number() over () * 31536, 'none', 'none',
  '{"risk":{"level":"none","raisedAt":null},"failures":0,"gesture":null,"pleasedAtMs":null,"seenAtMs":0}'
from customer where $1::integer > 0 on conflict do nothing`;
