/** What every service knows from `makegood.control.v1` (part of its first migration). */
export const CONTROL_TABLES = `
create table control_offset (
  only_row    boolean primary key default true check (only_row),
  next_offset bigint not null
);
insert into control_offset (next_offset) values (0);
create table api_key (
  key_id      text primary key,
  secret_hash text not null,
  source      text,
  role        text not null,
  created_at  text not null,
  revoked     boolean not null default false
);
create table guarantee_file (
  kind    text not null,
  name    text not null,
  version integer not null,
  file    text not null,
  text    text not null,
  hash    text not null,
  primary key (kind, name, version)
);
create table guarantee_set (
  control_offset bigint primary key,
  set_hash       text not null
);
`;
