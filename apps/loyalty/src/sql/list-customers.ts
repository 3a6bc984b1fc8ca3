/** $1 segment or null, $2 tier or null, $3 customer after which to go on or null, $4 how many at most. */
export const LIST_CUSTOMERS = `
select customer, as_of_ms as "asOfMs", score, tier, segment,
       promises_kept as "kept", promises_missed as "missed",
       promises_excused as "excused", promises_cancelled as "cancelled", compensation
from customer
where merged_into is null
  and ($1::text is null or segment = $1)
  and ($2::text is null or tier = $2)
  and ($3::text is null or customer > $3)
order by customer
limit $4`;
