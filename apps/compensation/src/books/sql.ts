/**
 * Two writers, one line: whoever changes lines locks the promises' entitlement rows first, in order of promiseId, and
 * decides from what it reads after that. Rows are made only by the owner of the customer's shard, behind its fence.
 */
export const LOCK_ENTITLEMENTS = `
select promise_id as "promiseId", breach_id as "breachId", compensation_id as "compensationId", guarantee, guarantee_version as "guaranteeVersion", mode,
  subject, customer, parties, refs, group_name as "group", sequence, content_hash as "contentHash", owed, verdict
from entitlement where promise_id = any($1::uuid[]) order by promise_id for update`;

export const LOAD_LINES = `
select line_id as "lineId", promise_id as "promiseId", remedy_id as "remedyId", n, kind, currency, amount_minor as "amountMinor",
  cancelled_minor as "cancelledMinor", reversed_minor as "reversedMinor", paid_minor as "paidMinor",
  absorbed_minor as "absorbedMinor", receivable_minor as "receivableMinor", route, hold, state, line_sequence as "lineSequence", beneficiary, apology_day as "apologyDay",
  issued_at_ms as "issuedAtMs", details
from line where promise_id = any($1::uuid[]) order by promise_id, remedy_id, n`;

/**
 * Promises that own apologies of the same days as those of the given promises, or of the given days; and those about the
 * given subjects, or about the subjects of the given promises.
 */
export const FIND_NEIGHBOURS = `
select promise_id as "promiseId" from line where apology_day = any($2::text[])
union
select other.promise_id from line mine join line other using (apology_day)
where mine.promise_id = any($1::uuid[]) and mine.apology_day is not null
union
select promise_id from entitlement where subject = any($3::text[]) or (group_name <> '' and group_name = any($4::text[]))
union
select other.promise_id from entitlement mine join entitlement other using (subject) where mine.promise_id = any($1::uuid[])`;

export const SAVE_ENTITLEMENTS = `
insert into entitlement (promise_id, breach_id, compensation_id, guarantee, guarantee_version, mode, subject, customer, parties, refs,
  group_name, sequence, content_hash, owed, shard, verdict)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[],
  $9::text[], $10::text[], $11::text[], $12::integer[], $13::text[], $14::text[], $15::integer[], $16::text[])
on conflict (promise_id) do update set sequence = excluded.sequence, content_hash = excluded.content_hash, owed = excluded.owed,
  verdict = excluded.verdict`;

/** What a line is never changes; what became of it does. */
export const SAVE_LINES = `
insert into line (line_id, promise_id, remedy_id, n, kind, currency, amount_minor, cancelled_minor, reversed_minor, paid_minor,
  absorbed_minor, state, line_sequence, beneficiary, apology_day, issued_at_ms, details, receivable_minor, route, hold)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
  $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::integer[], $14::text[], $15::text[], $16::bigint[], $17::text[],
  $18::bigint[], $19::text[], $20::jsonb[])
on conflict (line_id) do update set cancelled_minor = excluded.cancelled_minor, reversed_minor = excluded.reversed_minor,
  paid_minor = excluded.paid_minor, absorbed_minor = excluded.absorbed_minor, state = excluded.state,
  line_sequence = excluded.line_sequence, receivable_minor = excluded.receivable_minor, hold = excluded.hold`;

export const ADD_CUSTOMER_REFS = `insert into customer_ref (customer) select * from unnest($1::text[]) on conflict do nothing`;
export const LOAD_CUSTOMER_REFS = `select customer, ref from customer_ref where customer = any($1::text[])`;

export const BOOK_TRANSFERS = `
insert into ledger_transfer (transfer_id, line_id, reason, booked_at_ms)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[])`;

export const BOOK_ENTRIES = `
insert into ledger_entry (transfer_id, account, currency, amount_minor)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[])`;

export const FIND_TRANSFERS = `select transfer_id as "transferId" from ledger_transfer where transfer_id = any($1::uuid[])`;
