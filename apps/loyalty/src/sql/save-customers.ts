/** $1 … $13: one array a column, in the table's order. */
export const SAVE_CUSTOMERS = `
insert into customer (
  customer, as_of_ms, score, tier, segment,
  promises_kept, promises_missed, promises_excused, promises_cancelled, compensation,
  announced_score, announced_tier, document)
select * from unnest(
  $1::text[], $2::bigint[], $3::double precision[], $4::text[], $5::text[],
  $6::integer[], $7::integer[], $8::integer[], $9::integer[], $10::json[],
  $11::double precision[], $12::text[], $13::json[])
on conflict (customer) do update set
  as_of_ms           = excluded.as_of_ms,
  score              = excluded.score,
  tier               = excluded.tier,
  segment            = excluded.segment,
  promises_kept      = excluded.promises_kept,
  promises_missed    = excluded.promises_missed,
  promises_excused   = excluded.promises_excused,
  promises_cancelled = excluded.promises_cancelled,
  compensation       = excluded.compensation,
  announced_score    = excluded.announced_score,
  announced_tier     = excluded.announced_tier,
  document           = excluded.document`;
