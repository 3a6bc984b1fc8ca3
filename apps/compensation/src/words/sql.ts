export const LOAD_LOCALES = `select customer, locale from customer_profile where customer = any($1::text[])`;

/** Issued, told or not: what counts follows the promise events alone, so that the log read again says the same. */
export const COUNT_APOLOGIES = `
select beneficiary as addressee, count(*) as told from line
where kind = 'apology' and beneficiary = any($1::text[]) group by beneficiary`;
