export const LOAD_PROFILES = `
select customer, locale, time_zone as "timeZone", coalesce(opt_out, '') like '%service%' as "optedOut" from customer_profile where customer = any($1::text[])`;

export const LOAD_CONTACTS = `
select customer, group_name as "group", subject, at_ms as "atMs" from personal_contact where customer = any($1::text[])`;

/** Issued, told or not: what counts follows the promise events alone, so that the log read again says the same. */
export const COUNT_WORDS = `
select beneficiary as addressee, kind, count(*) as told from line
where kind in ('apology', 'notice') and beneficiary = any($1::text[]) group by beneficiary, kind`;

/** Days on which somebody was told something (one text of a kind a day), and when; what was taken back does not count. */
export const LOAD_WORD_DAYS = `
select beneficiary as addressee, kind, apology_day as "day", min(issued_at_ms) as "atMs" from line
where kind in ('apology', 'notice') and beneficiary = any($1::text[]) and apology_day is not null
  and state not in ('cancelled', 'rejected', 'shadow')
group by 1, 2, 3`;
