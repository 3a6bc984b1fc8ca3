/** Money set aside as unclaimed: how long it may be claimed, and who is to be paid. */
export const CLAIM_CHANGES = `
-- JSON: untilMs (null: no limit), payee (a reference; null: nobody has claimed it). A line is not issued with one.
alter table line add column claim text;
create index line_unclaimed on line (beneficiary) where state = 'unclaimed';`;
