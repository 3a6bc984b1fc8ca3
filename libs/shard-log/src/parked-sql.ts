/**
 * Records that wait: the head of a key is the one that failed (it has a dead letter), the others came later for the
 * same key. `n` is their order.
 */
export const PARKED_TABLES = `
create table parked_record (
  n             bigint generated always as identity primary key,
  shard         integer not null,
  topic         text not null,
  key           text not null,
  record_offset bigint not null,
  at_ms         bigint not null,
  value         bytea not null,
  -- Of the head alone: the dead letter whose decision lets the key go on.
  letter_id     uuid
);
create index parked_record_by_key on parked_record (shard, topic, key, n);
create index parked_record_by_letter on parked_record (letter_id) where letter_id is not null;
`;

export const LOAD_PARKED_KEYS = `select distinct topic, key from parked_record where shard = $1`;

export const PARK = `
insert into parked_record (shard, topic, key, record_offset, at_ms, value, letter_id)
values ($1, $2, $3, $4, $5, $6, $7)`;

/** The first so many of the key whose head waits behind a letter, in order; none when no head of the shard does. */
export const LOAD_PARKED = `
select p.n, p.key, p.record_offset as "offset", p.at_ms as "atMs", p.value
from (select shard, topic, key from parked_record where letter_id = $3 and shard = $1 and topic = $2 order by n limit 1) head
join parked_record p using (shard, topic, key)
order by p.n limit $4`;

export const DELETE_PARKED = `delete from parked_record where n = any($1::bigint[])`;
export const MAKE_HEAD = `update parked_record set letter_id = $2 where n = $1`;
export const COUNT_PARKED = `
select count(*) as records, count(distinct (shard, topic, key)) as keys from parked_record
where shard <> all($1::integer[])`;
