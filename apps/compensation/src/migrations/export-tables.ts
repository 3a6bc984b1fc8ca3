/** What left by an export: everything but the bytes follows from the log. */
export const EXPORT_TABLES = `
alter table customer_profile add column payee text;
alter table customer_profile add column opt_out text;
create table export_counter (
  only_row boolean primary key default true check (only_row),
  next     integer not null
);
insert into export_counter (next) values (1);
create table export (
  number     integer primary key,
  -- payments, or the withdrawal of another export
  kind       text not null,
  format     text not null,
  route      text not null,
  made_at_ms bigint not null,
  made_by    text not null,
  line_count integer not null,
  of_number  integer,
  execute_on text,
  reason     text,
  hash       text,
  bytes      bytea
);
-- is_handed: false where the line was gone, or told by another way, before the export reached it.
create table export_line (
  export_number integer not null,
  line_id       uuid not null,
  position      integer not null,
  amount_minor  bigint not null,
  currency      text not null,
  is_handed     boolean not null,
  primary key (export_number, line_id)
);
-- No line is in two exports: a withdrawal ends it, and what is owed gets a new line.
alter table export_line add column is_withdrawal boolean not null;
create unique index export_line_once on export_line (line_id) where is_handed and not is_withdrawal;
-- Days of the log's time on which the books were checked.
create table self_check (
  day integer primary key
);
create table audit (
  audit_id  bigint generated always as identity primary key,
  at_ms     bigint not null,
  actor     text not null,
  role      text not null,
  method    text not null,
  path      text not null,
  body      text,
  status    integer not null
);`;
