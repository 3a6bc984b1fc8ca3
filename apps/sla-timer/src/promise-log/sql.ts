import { isPromise } from './id-prefix.js';

export const LOAD_CLOCK = `
select shard_time_ms as "shardTimeMs", last_tick_ms as "lastTickMs", held_until_ms as "heldUntilMs", set_hash as "setHash",
  terms_version as "termsVersion"
from shard_clock where shard = $1`;

export const SAVE_CLOCK = `
insert into shard_clock (shard, shard_time_ms, last_tick_ms, held_until_ms, set_hash, terms_version)
values ($1, $2, $3, $4, $5, $6)
on conflict (shard) do update set shard_time_ms = excluded.shard_time_ms, last_tick_ms = excluded.last_tick_ms,
  held_until_ms = excluded.held_until_ms, set_hash = excluded.set_hash, terms_version = excluded.terms_version`;

/** Documents wherever they lie: a subject is in one of the two tables (subject-rows.ts). */
export const ANY_SUBJECT = `(
  select shard, subject, doc from subject union all select shard, subject, doc from settled_subject)`;

export const LOAD_SUBJECTS = `select subject, doc from ${ANY_SUBJECT} s where shard = $1 and subject = any($2::text[])`;

/** What is known about the promise $1: its row p, its subject s, its shard's clock c; not in the shards $2. */
export const FROM_PROMISE = `from promise p join ${ANY_SUBJECT} s on s.shard = p.shard and s.subject = p.subject left join shard_clock c on c.shard = p.shard
where ${isPromise('$1::uuid', 'p.promise_id')} and p.shard <> all($2::integer[])`;

/**
 * In due order; one more than is fired, to know whether more is due. From $4 on: in the index all that has fired lies before
 * it until it is vacuumed, and would be walked past each time.
 */
export const LOAD_DUE = `
select subject, doc, wake_at_ms as "wakeAtMs" from subject where shard = $1 and wake_at_ms < $2 and wake_at_ms >= $4
order by wake_at_ms, subject limit $3`;

/** Documents come as lines of one text: as elements of an array each of their quotes would have to be escaped. */
export const ADD_SUBJECTS = `
insert into subject (shard, subject, doc, wake_at_ms)
select $1, * from unnest($2::text[], string_to_array($3, E'\\n'), $4::bigint[])`;

/** All of them are there. Written so, each is found by its key; a join could be planned as a scan of the table. */
export const CHANGE_SUBJECTS = `${ADD_SUBJECTS}
on conflict (shard, subject) do update set wake_at_ms = excluded.wake_at_ms, doc = excluded.doc`;

export const DELETE_SUBJECTS = `delete from subject where shard = $1 and subject = any($2::text[])`;

export const ADD_SETTLED = `
insert into settled_subject (shard, subject, doc)
select $1, * from unnest($2::text[], string_to_array($3, E'\\n'))`;

export const CHANGE_SETTLED = `${ADD_SETTLED}
on conflict (shard, subject) do update set doc = excluded.doc`;

export const DELETE_SETTLED = `delete from settled_subject where shard = $1 and subject = any($2::text[])`;

export const ADD_PROMISES = `
insert into promise (shard, promise_id, subject, build, customer, state, verdict, opened_at_ms, due_at_ms, decided_at_ms,
  sequence, owner, completed_at_ms, lateness_ms, facts)
select $1, promise_id, subject, build, customer, state, verdict, opened_at_ms, due_at_ms, decided_at_ms, sequence, owner,
  completed_at_ms, lateness_ms, facts::jsonb
from unnest($2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
  $10::bigint[], $11::integer[], $12::text[], $13::bigint[], $14::bigint[], string_to_array($15, E'\\n', '')) as row
  (promise_id, subject, build, customer, state, verdict, opened_at_ms, due_at_ms, decided_at_ms, sequence, owner,
  completed_at_ms, lateness_ms, facts)`;

export const CHANGE_PROMISES = `${ADD_PROMISES}
on conflict (subject, promise_id) do update set state = excluded.state, verdict = excluded.verdict, opened_at_ms = excluded.opened_at_ms,
  due_at_ms = excluded.due_at_ms, decided_at_ms = excluded.decided_at_ms, sequence = excluded.sequence, build = excluded.build,
  owner = excluded.owner, completed_at_ms = excluded.completed_at_ms, lateness_ms = excluded.lateness_ms, facts = excluded.facts`;

/** What a build says never changes: whoever writes it first has written it for all. */
export const SAVE_BUILDS = `
insert into guarantee_build (build, guarantee, version, mode, time_zone)
select * from unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[]) on conflict do nothing`;

/** Ten thousand forms of facts are more than an installation has; names that never come again do not fill the table. */
export const SAVE_WORDS = `
insert into document_word (word_id, word) select * from unnest($1::text[], $2::text[])
where (select count(*) from document_word) < 10000 on conflict do nothing`;
export const WORDS_OF_IDS = `select word_id as id, word as text from document_word where word_id = any($1::text[])`;
export const LOAD_WORDS = `select word_id as id, word as text from document_word`;

export const COUNT_MORE = `
insert into counted (shard, what, times) select $1, * from unnest($2::text[], $3::bigint[])
on conflict (shard, what) do update set times = counted.times + excluded.times`;

export const SAVE_TERMS_SET = `insert into terms_set (set_hash, members) values ($1, $2) on conflict do nothing`;
export const LOAD_TERMS_SETS = `select set_hash as "setHash", members from terms_set`;

/** Subjects with promises that may still change and overlap a stretch of time: whatever may, has an instant to wake at. */
export const SUBJECTS_OVERLAPPING = `
select distinct s.subject from subject s join promise p on p.subject = s.subject and p.shard = s.shard
where s.shard = $1 and s.subject > $2 and p.state <> 'final'
  and p.opened_at_ms < $3 and p.due_at_ms >= $4
order by s.subject limit $5`;

export const SUBJECTS_UNKNOWN = `
select distinct s.subject from subject s join promise p on p.subject = s.subject and p.shard = s.shard
where s.shard = $1 and s.subject > $2 and p.state = 'unknown'
order by s.subject limit $3`;

export const SUBJECTS_OF_GUARANTEE = `
select distinct s.subject from subject s join promise p on p.subject = s.subject and p.shard = s.shard
where s.shard = $1 and s.subject > $2 and p.state <> 'final'
  and p.build in (select build from guarantee_build where guarantee = $3)
order by s.subject limit $4`;

export const SAVE_DISRUPTION = `
insert into disruption (shard, disruption_id, from_ms, until_ms, effect, scope, reason, declared_by, declared_at_ms)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning 1 as ok`;

export const WITHDRAW_DISRUPTION = `
update disruption set withdrawn_at_ms = $3, withdrawn_by = $4, withdrawn_reason = $5
where shard = $1 and disruption_id = $2 and withdrawn_at_ms is null
returning from_ms as "fromMs", until_ms as "untilMs"`;

export const LOAD_DISRUPTIONS = `
select disruption_id as id, from_ms as "fromMs", until_ms as "untilMs", effect, scope, reason,
  declared_at_ms as "declaredAtMs", withdrawn_at_ms as "withdrawnAtMs"
from disruption where shard = $1 order by declared_at_ms, disruption_id`;

export const LOAD_SILENCES = `
select source, nullif(voice, '') as by, from_ms as "fromMs", until_ms as "untilMs", from_by as "fromBy", until_by as "untilBy"
from silence where shard = $1 order by from_ms, source, voice`;

export const BEGIN_SILENCES = `
insert into silence (shard, source, voice, from_ms, from_by)
select $1, source, voice, $4, $5 from unnest($2::text[], $3::text[]) as row (source, voice) on conflict do nothing`;

export const END_SILENCES = `
update silence set until_ms = $4, until_by = $5 from unnest($2::text[], $3::text[]) as row (source, voice)
where silence.shard = $1 and silence.source = row.source and silence.voice = row.voice and silence.until_ms is null`;

export const DROP_SILENCES = `delete from silence where shard = $1 and until_ms < $2`;

export const SAVE_COMMAND = `
insert into applied_command (shard, command_id) values ($1, $2) on conflict do nothing returning 1 as ok`;

export const SAVE_ORPHANS = `
insert into expired_orphan (shard, subject, expired_at_ms, facts, types)
select $1, * from unnest($2::text[], $3::bigint[], $4::integer[], $5::text[])
on conflict (shard, subject) do update set expired_at_ms = excluded.expired_at_ms, facts = excluded.facts, types = excluded.types`;

/** The oldest beyond the bound go. */
export const TRIM_ORPHANS = `
delete from expired_orphan where shard = $1 and subject in (
  select subject from expired_orphan where shard = $1 order by expired_at_ms desc, subject offset $2)`;
