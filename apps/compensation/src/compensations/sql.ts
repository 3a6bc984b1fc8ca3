import { LINE_COLUMNS } from '../books/sql.js';

export const COLUMNS = `${LINE_COLUMNS}, e.guarantee, e.guarantee_version as "guaranteeVersion", e.subject, e.customer`;

/** Newest first; a filter that is null takes all. The cursor is the last line of the page before. */
export const LIST_LINES = `
select ${COLUMNS} from line l join entitlement e using (promise_id)
where ($1::uuid is null or l.promise_id = $1) and ($2::text is null or e.subject = $2) and ($3::text is null or e.customer = $3)
  and ($4::text is null or e.guarantee = $4) and ($5::text is null or l.state = $5) and ($6::text is null or l.kind = $6)
  and ($7::bigint is null or (l.issued_at_ms, l.line_id) < ($7, $8::uuid))
order by l.issued_at_ms desc, l.line_id desc limit $9`;

export const FIND_PROMISE = `
select promise_id as "promiseId" from entitlement where promise_id = $1 or compensation_id = $1
union select promise_id from line where line_id = $1`;

export const LINES_OF_PROMISE = `
select ${COLUMNS} from line l join entitlement e using (promise_id)
where l.promise_id = $1 order by l.issued_at_ms, l.remedy_id, l.n`;

export const LOAD_PROMISE = `
select breach_id as "breachId", guarantee, guarantee_version as "guaranteeVersion", mode, subject, customer, parties, refs,
  group_name as "group", sequence, owed
from entitlement where promise_id = $1`;

export const ENTRIES_OF_LINES = `
select t.line_id as "lineId", t.transfer_id as "transferId", t.reason, t.booked_at_ms as "bookedAtMs", x.account, x.currency,
  x.amount_minor as "amountMinor"
from ledger_transfer t join ledger_entry x using (transfer_id)
where t.line_id = any($1::uuid[]) order by x.entry_id`;

export const SETTLEMENTS_OF_LINES = `
select line_id as "lineId", reference, status, amount_minor as "amountMinor", paid_at_ms as "paidAtMs", reason
from settlement where line_id = any($1::uuid[]) order by paid_at_ms, reference, status`;
