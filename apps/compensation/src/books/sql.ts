/**
 * Two writers, one line: whoever changes lines locks the promises' entitlement rows first, in order of promiseId, and
 * decides from what it reads after that. Rows are made only by the owner of the customer's shard, behind its fence.
 */
export const READ_ENTITLEMENTS = `
select promise_id as "promiseId", breach_id as "breachId", compensation_id as "compensationId", guarantee, guarantee_version as "guaranteeVersion", mode,
  subject, customer, parties, refs, group_name as "group", sequence, content_hash as "contentHash", owed, verdict, counted
from entitlement where promise_id = any($1::uuid[]) order by promise_id`;
export const LOCK_ENTITLEMENTS = `${READ_ENTITLEMENTS} for update`;

/** Every column of a line (`line l`), by the names that it has in code: whoever reads lines reads all of each. */
export const LINE_COLUMNS = `
l.line_id as "lineId", l.promise_id as "promiseId", l.remedy_id as "remedyId", l.n, l.kind, l.currency, l.amount_minor as "amountMinor",
l.cancelled_minor as "cancelledMinor", l.reversed_minor as "reversedMinor", l.paid_minor as "paidMinor",
l.absorbed_minor as "absorbedMinor", l.receivable_minor as "receivableMinor", l.route, l.hold, l.state, l.line_sequence as "lineSequence",
l.beneficiary, l.apology_day as "apologyDay", l.issued_at_ms as "issuedAtMs", l.quiet, l.wake_at_ms as "wakeAtMs", l.claim, l.details`;

export const LOAD_LINES = `
select ${LINE_COLUMNS} from line l where l.promise_id = any($1::uuid[]) order by l.promise_id, l.remedy_id, l.n`;

/**
 * Promises that own apologies of the same days as those of the given promises, or of the given days; and those about the
 * given subjects, or about the subjects of the given promises. Each name is looked up by its index, whatever the
 * planner believes of a table that has just grown by a hundred thousand rows (that is what 'offset 0' is for).
 */
export const FIND_NEIGHBOURS = `
select found.promise_id as "promiseId" from unnest($2::text[]) as wanted (apology_day) cross join lateral (
  select promise_id from line where line.apology_day = wanted.apology_day offset 0) found
union
select found.promise_id from unnest($1::uuid[]) as wanted (promise_id) cross join lateral (
  select apology_day from line where line.promise_id = wanted.promise_id and apology_day is not null offset 0) mine
cross join lateral (select promise_id from line where line.apology_day = mine.apology_day offset 0) found
union
select found.promise_id from unnest($3::text[]) as wanted (subject) cross join lateral (
  select promise_id from entitlement where entitlement.subject = wanted.subject offset 0) found
union
select found.promise_id from unnest($4::text[]) as wanted (group_name) cross join lateral (
  select promise_id from entitlement where entitlement.group_name = wanted.group_name and group_name <> '' offset 0) found
union
select found.promise_id from unnest($1::uuid[]) as wanted (promise_id) cross join lateral (
  select subject from entitlement where entitlement.promise_id = wanted.promise_id offset 0) mine
cross join lateral (select promise_id from entitlement where entitlement.subject = mine.subject offset 0) found`;

/**
 * For the statements that write: the checks of foreign keys, row by row, would be planned anew for each row under the
 * session's 'force_custom_plan'. Until the end of the transaction one plan serves, by index.
 */
export const PLAN_ONCE = `
select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`;

/** JSON goes as lines of one text: inside an array each of its quotes would have to be escaped and read again. */
export const ADD_ENTITLEMENTS = `
insert into entitlement (promise_id, breach_id, compensation_id, guarantee, guarantee_version, mode, subject, customer, parties, refs,
  group_name, sequence, content_hash, owed, shard, verdict, counted)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[],
  string_to_array($9, E'\\n'), string_to_array($10, E'\\n'), $11::text[], $12::integer[], $13::text[],
  string_to_array($14, E'\\n'), $15::integer[], string_to_array($16, E'\\n', ''), string_to_array($17, E'\\n', ''))`;

export const CHANGE_ENTITLEMENTS = `
update entitlement set sequence = changed.sequence, content_hash = changed.content_hash, owed = changed.owed, verdict = changed.verdict,
  counted = changed.counted
from unnest($1::uuid[], $2::integer[], $3::text[], string_to_array($4, E'\\n'), string_to_array($5, E'\\n', ''),
  string_to_array($6, E'\\n', '')) as changed (promise_id, sequence, content_hash, owed, verdict, counted)
where entitlement.promise_id = changed.promise_id`;

export const ADD_LINES = `
insert into line (line_id, promise_id, remedy_id, n, kind, currency, amount_minor, cancelled_minor, reversed_minor, paid_minor,
  absorbed_minor, state, line_sequence, beneficiary, apology_day, issued_at_ms, details, receivable_minor, route, hold, shard, quiet, wake_at_ms)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
  $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::integer[], $14::text[], $15::text[], $16::bigint[],
  string_to_array($17, E'\\n'), $18::bigint[], $19::text[], $20::jsonb[], $21::integer[], $22::text[], $23::bigint[])`;

/** What a line is never changes; what became of it does. */
export const CHANGE_LINES = `
update line set cancelled_minor = changed.cancelled_minor, reversed_minor = changed.reversed_minor, paid_minor = changed.paid_minor,
  absorbed_minor = changed.absorbed_minor, receivable_minor = changed.receivable_minor, state = changed.state,
  line_sequence = changed.line_sequence, hold = changed.hold, wake_at_ms = changed.wake_at_ms, claim = changed.claim
from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::integer[], $9::jsonb[],
  $10::bigint[], $11::text[])
  as changed (line_id, cancelled_minor, reversed_minor, paid_minor, absorbed_minor, receivable_minor, state, line_sequence, hold, wake_at_ms, claim)
where line.line_id = changed.line_id`;

export const ADD_CUSTOMER_REFS = `
insert into customer_ref (customer) select * from unnest($1::text[]) on conflict do nothing
returning customer, ref`;
export const LOAD_CUSTOMER_REFS = `select customer, ref from customer_ref where customer = any($1::text[])`;

export const BOOK_TRANSFERS = `
insert into ledger_transfer (transfer_id, line_id, reason, booked_at_ms)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[])`;

export const BOOK_ENTRIES = `
insert into ledger_entry (transfer_id, account, currency, amount_minor)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[])`;
