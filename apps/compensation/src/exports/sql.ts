export const TAKE_NUMBER = `update export_counter set next = next + 1 returning next - 1 as number`;
export const PASS_NUMBERS = `update export_counter set next = greatest(next, $1::integer + 1)`;

export const SAVE_EXPORTS = `
insert into export (number, kind, format, route, made_at_ms, made_by, line_count, of_number, execute_on, reason)
select * from unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::integer[], $8::integer[],
  $9::text[], $10::text[])
on conflict do nothing`;

export const SAVE_EXPORT_LINES = `
insert into export_line (export_number, line_id, position, amount_minor, currency, is_handed, is_withdrawal)
select * from unnest($1::integer[], $2::uuid[], $3::integer[], $4::bigint[], $5::text[], $6::boolean[], $7::boolean[])
on conflict (export_number, line_id) do nothing`;

/** Whoever has claimed a line gets it, as they are paid. */
const PENDING = `
select l.line_id as "lineId", l.promise_id as "promiseId", l.kind, l.currency, l.route, coalesce(l.claim::json ->> 'payee', l.beneficiary) as beneficiary,
  l.line_sequence as "lineSequence", l.issued_at_ms as "issuedAtMs", l.details, e.guarantee, e.subject, e.refs, p.payee,
  l.amount_minor - l.cancelled_minor - l.reversed_minor - l.paid_minor + l.absorbed_minor + l.receivable_minor as "openMinor"
from line l join entitlement e using (promise_id) left join customer_profile p
  on p.customer = coalesce(l.claim::json ->> 'payee', l.beneficiary)`;

/** Lines that wait for an export: asked for, open, not handed over by one yet. */
export const PENDING_LINES = `${PENDING}
where l.route like 'export:%' and ($1::text is null or l.route = $1) and ($2::text is null or l.currency = $2)
  and l.state in ('requested', 'failed') and l.currency is not null and l.kind <> 'points'
  and not exists (select from export_line x where x.line_id = l.line_id and x.is_handed and not x.is_withdrawal)
order by l.issued_at_ms, l.line_id limit $3`;

export const LINES_BY_ID = `${PENDING} where l.line_id = any($1::uuid[])`;

export const FIND_EXPORT = `
select number, kind, format, route, made_at_ms as "madeAtMs", made_by as "madeBy", line_count as "lineCount", of_number as "of",
  execute_on as "executeOn", reason, hash, bytes,
  (select count(*)::integer from export_line x where x.export_number = number) as "appliedCount"
from export where number = $1`;

export const LIST_EXPORTS = `
select number, kind, format, route, made_at_ms as "madeAtMs", made_by as "madeBy", line_count as "lineCount", of_number as "of",
  execute_on as "executeOn", reason, hash,
  (select count(*)::integer from export_line x where x.export_number = number and is_handed) as "handedCount"
from export order by number desc limit 200`;

export const LINES_OF_EXPORT = `
select x.line_id as "lineId", x.position, x.amount_minor as "amountMinor", x.currency, x.is_handed as "isHanded", l.state
from export_line x join line l using (line_id) where x.export_number = $1 order by x.position`;

/** The bytes are written once; whoever comes second reads those of the first. */
export const KEEP_BYTES = `update export set bytes = $2, hash = $3 where number = $1 and hash is null`;
