/**
 * Promises by the period of their due and by what is asked, counted as they stand now: a verdict that was taken back is
 * counted as what it is. A period is one of the promise's own zone.
 */
const attainment = (lateness: string): string => `
select k.key, count(*)::integer as promises,
  count(*) filter (where p.verdict = 'kept')::integer as kept,
  count(*) filter (where p.verdict = 'breached')::integer as breached,
  count(*) filter (where p.verdict = 'excused')::integer as excused,
  count(*) filter (where p.verdict = 'cancelled')::integer as cancelled,
  count(*) filter (where p.verdict is null and p.state = 'unknown')::integer as unknown,
  count(*) filter (where p.verdict is null and p.state <> 'unknown')::integer as open,
  ${lateness}
from promise p
join guarantee_build g on g.build = p.build
cross join lateral (select to_timestamp(p.due_at_ms / 1000.0) at time zone coalesce(g.time_zone, 'UTC') as due) t
cross join lateral (
  select coalesce(array_agg(coalesce(case asked.what
    when 'guarantee' then g.guarantee
    when 'version' then g.version::text
    when 'owner' then p.owner
    when 'customer' then p.customer
    when 'mode' then g.mode
    when 'day' then to_char(t.due, 'YYYY-MM-DD')
    when 'week' then to_char(t.due, 'IYYY"-W"IW')
    when 'month' then to_char(t.due, 'YYYY-MM')
    when 'year' then to_char(t.due, 'YYYY')
    else p.facts ->> asked.what end, '') order by asked.place), '{}') as key
  from unnest($4::text[]) with ordinality as asked (what, place)) k
where ($1::text is null or g.guarantee = $1) and p.due_at_ms >= $2 and p.due_at_ms < $3
  and ($5::text[] is null or k.key collate "C" > $5)
  and p.shard <> all($7::integer[])
group by k.key order by k.key collate "C" limit $6`;

export const ATTAINMENT = attainment(`
  percentile_disc(0.5) within group (order by p.lateness_ms) filter (where p.lateness_ms > 0) as "latenessP50Ms",
  percentile_disc(0.9) within group (order by p.lateness_ms) filter (where p.lateness_ms > 0) as "latenessP90Ms"`);

/** Of one database among several: percentiles of the whole need what each of them has. */
export const PART_OF_ATTAINMENT = attainment(`
  array_agg(p.lateness_ms order by p.lateness_ms) filter (where p.lateness_ms > 0) as latenesses`);
