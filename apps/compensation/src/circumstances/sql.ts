/**
 * Claims and returned money come by subject, promises by customer: two shards may write about one promise that neither
 * of them has seen yet. Whoever applies promises shares this lock, whoever brings claims or returned money has it alone,
 * so that one of the two sees the other.
 */
export const SHARE_CIRCUMSTANCES = `select pg_advisory_xact_lock_shared(hashtext(current_schema()), 1)`;
export const OWN_CIRCUMSTANCES = `select pg_advisory_xact_lock(hashtext(current_schema()), 1)`;

export const SAVE_CLAIMS = `
insert into claim (source, event_id, promise_id, subject, ref_key, refs, claimant, channel, at_ms, wants, actor)
select * from unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::bigint[], $10::text[], $11::text[])
on conflict do nothing returning source, event_id as "eventId"`;

export const FIND_CLAIMS = `
select source, event_id as "eventId", promise_id as "promiseId", subject, refs, claimant, channel, at_ms as "atMs", wants, actor, answers
from claim
where promise_id = any($1::uuid[]) or subject = any($2::text[]) or ref_key = any($3::text[])`;

export const COUNT_ANSWERS = `
update claim set answers = answers + 1
from unnest($1::text[], $2::text[]) as answered (source, event_id)
where claim.source = answered.source and claim.event_id = answered.event_id`;

/** Answers that a database put back has given in its former life. */
export const ADOPT_ANSWERS = `
insert into claim_answer (event_id) select * from unnest($1::uuid[]) on conflict do nothing`;
export const FIND_ANSWERS = `select event_id as "eventId" from claim_answer where event_id = any($1::uuid[])`;

export const SAVE_RETURNED = `
insert into money_returned (subject, group_name, base, reference, amount_minor, currency, reason, at_ms)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::bigint[])
on conflict do nothing`;

export const FIND_RETURNED = `
select subject, group_name as "group", base, currency, sum(amount_minor)::bigint as "amountMinor" from money_returned
where (subject <> '' and subject = any($1::text[])) or (group_name <> '' and group_name = any($2::text[]))
group by subject, group_name, base, currency`;

export const FIND_PROMISES_OF = `
select promise_id as "promiseId", subject, group_name as "group", refs from entitlement
where promise_id = any($1::uuid[]) or subject = any($2::text[]) or group_name = any($3::text[])`;

export const FIND_PROMISES_BY_REFS = `
select promise_id as "promiseId", subject, group_name as "group", refs from entitlement where refs like any($1::text[])`;
