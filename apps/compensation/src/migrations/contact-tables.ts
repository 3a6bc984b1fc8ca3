/** Whom a person was in touch with, about what; and an index for texts of both kinds. */
export const CONTACT_TABLES = `
create table personal_contact (
  customer   text not null,
  -- '' where it names none
  group_name text not null,
  subject    text not null,
  at_ms      bigint not null,
  primary key (customer, group_name, subject, at_ms)
);
drop index line_by_addressee;
create index line_by_addressee on line (beneficiary) where kind in ('apology', 'notice');`;
