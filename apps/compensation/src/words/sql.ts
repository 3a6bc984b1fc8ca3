export const LOAD_PROFILES = `
select customer, locale, time_zone as "timeZone", coalesce(opt_out, '') like '%service%' as "optedOut" from customer_profile where customer = any($1::text[])`;

/** Issued, told or not: what counts follows the promise events alone, so that the log read again says the same. */
export const COUNT_APOLOGIES = `
select beneficiary as addressee, count(*) as told from line
where kind = 'apology' and beneficiary = any($1::text[]) group by beneficiary`;

/** Days on which somebody was told an apology (one a day), and when; what was taken back does not count. */
export const LOAD_APOLOGY_DAYS = `
select beneficiary as addressee, apology_day as "apologyDay", min(issued_at_ms) as "atMs" from line
where kind = 'apology' and beneficiary = any($1::text[]) and apology_day is not null and state not in ('cancelled', 'rejected', 'shadow')
group by 1, 2`;
