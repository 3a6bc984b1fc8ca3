import { COLUMNS } from '../compensations/sql.js';

/** Oldest first: what has waited longest for whom it belongs to. */
export const LIST_UNCLAIMED = `
select ${COLUMNS} from line l join entitlement e using (promise_id)
where l.state = 'unclaimed' and ($1::text is null or l.beneficiary = $1)
order by l.issued_at_ms, l.line_id limit $2`;

/** Lines of money whose ids lie between two: those of one reference. */
export const FIND_BY_REFERENCE = `
select ${COLUMNS} from line l join entitlement e using (promise_id)
where l.line_id between $1::uuid and $2::uuid and l.currency is not null order by l.line_id`;

export const HAS_PAYEE = `
select exists (select from customer_profile where customer = $1 and payee is not null) as "hasPayee"`;
