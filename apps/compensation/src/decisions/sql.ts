/** A decision that was read before (the log repeats) has no second effect. */
export const FIND_DECISIONS = `select event_id as "eventId" from line_decision where event_id = any($1::text[])`;

export const SAVE_DECISIONS = `
insert into line_decision (event_id, line_id, verb, by_key, reason, amount_minor, currency, decided_at_ms, outcome, detail)
select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[],
  $9::text[], $10::text[])
on conflict do nothing`;

export const FIND_OUTCOME = `select outcome, detail from line_decision where event_id = $1`;

export const SAVE_BULK = `
insert into bulk_decision (shard, event_id, verb, guarantee, region, from_ms, to_ms, by_key, reason, decided_at_ms)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`;

export const HAS_BULK = `select exists (select from bulk_decision where shard = $1 and not is_done) as "isPending"`;

export const NEXT_BULK = `
select event_id as "eventId", verb, guarantee, region, from_ms as "fromMs", to_ms as "toMs", by_key as "by", reason, decided_at_ms as "atMs"
from bulk_decision where shard = $1 and not is_done order by decided_at_ms, event_id limit 1`;

/** The shard's own lines that the breaker (still) holds, or of which it was told that they were let go, and no more; oldest first. */
export const HELD_BY_BREAKER = `
select l.line_id as "lineId", l.promise_id as "promiseId" from line l join entitlement e using (promise_id)
where l.state = 'held' and (l.hold -> 'reasons' ? 'breaker' or l.hold -> 'reasons' = '[]') and l.shard = $1 and e.guarantee = $2
  and ($3::text is null or l.hold ->> 'region' = $3) and l.issued_at_ms >= $4 and l.issued_at_ms <= $5
order by l.issued_at_ms, l.line_id limit $6`;

export const ADVANCE_BULK = `
update bulk_decision set line_count = line_count + $3, is_done = $4 where shard = $1 and event_id = $2`;

export const BULK_PROGRESS = `
select count(*)::integer as shards, count(*) filter (where is_done)::integer as done, coalesce(sum(line_count), 0)::integer as lines
from bulk_decision where event_id = $1`;

export const FIND_AUTHORS = `
select a.actor from guarantee_author a join entitlement e on e.guarantee = a.name and e.guarantee_version = a.version
where e.promise_id = any($1::uuid[])`;

export const SAVE_AUTHORS = `
insert into guarantee_author (name, version, actor)
select * from unnest($1::text[], $2::integer[], $3::text[]) on conflict do nothing`;
