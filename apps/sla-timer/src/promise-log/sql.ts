export const LOAD_CLOCK = `
select shard_time_ms as "shardTimeMs", last_tick_ms as "lastTickMs", held_until_ms as "heldUntilMs", set_hash as "setHash"
from shard_clock where shard = $1`;

export const SAVE_CLOCK = `
insert into shard_clock (shard, shard_time_ms, last_tick_ms, held_until_ms, set_hash) values ($1, $2, $3, $4, $5)
on conflict (shard) do update set shard_time_ms = excluded.shard_time_ms, last_tick_ms = excluded.last_tick_ms,
  held_until_ms = excluded.held_until_ms, set_hash = excluded.set_hash`;

export const LOAD_SUBJECTS = `select subject, doc from subject where shard = $1 and subject = any($2::text[])`;

/** In due order; one more than is fired, to know whether more is due. */
export const LOAD_DUE = `
select subject, doc from subject where shard = $1 and wake_at_ms < $2 order by wake_at_ms, subject limit $3`;

/** Documents come as lines of one text: as elements of an array each of their quotes would have to be escaped. */
export const SAVE_SUBJECTS = `
insert into subject (shard, subject, wake_at_ms, doc)
select $1, * from unnest($2::text[], $3::bigint[], string_to_array($4, E'\\n'))
on conflict (shard, subject) do update set wake_at_ms = excluded.wake_at_ms, doc = excluded.doc`;

export const DELETE_SUBJECTS = `delete from subject where shard = $1 and subject = any($2::text[])`;

export const SAVE_PROMISES = `
insert into promise (shard, promise_id, subject, guarantee, version, customer, state, verdict, opened_at_ms, due_at_ms, decided_at_ms, sequence)
select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::integer[])
on conflict (promise_id) do update set state = excluded.state, verdict = excluded.verdict, opened_at_ms = excluded.opened_at_ms,
  due_at_ms = excluded.due_at_ms, decided_at_ms = excluded.decided_at_ms, sequence = excluded.sequence`;

export const COUNT_MORE = `
insert into counted (shard, what, times) select $1, * from unnest($2::text[], $3::bigint[])
on conflict (shard, what) do update set times = counted.times + excluded.times`;

export const SAVE_TERMS_FILES = `
insert into guarantee_file (kind, name, version, file, text, hash)
select * from unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[])
on conflict do nothing`;

export const LOAD_TERMS_FILES = `select kind, name, version, file, text, hash from guarantee_file`;
export const SAVE_TERMS_SET = `insert into terms_set (set_hash, members) values ($1, $2) on conflict do nothing`;
export const LOAD_TERMS_SET = `select members from terms_set where set_hash = $1`;
