/**
 * Statements that take the indexes of all rows away and make them anew, with pages 70 % full as they are where keys have come
 * in any order. Row by row, a million and a half took 70 s, and each further one longer.
 */
export const LARGE_INDEXES = `
select case when k.conname is null then format('drop index %s', i.indexrelid::regclass)
    else format('alter table %s drop constraint %I', i.indrelid::regclass, k.conname) end as drop,
  pg_get_indexdef(i.indexrelid) || ' with (fillfactor = 70)' as make,
  case when k.conname is null then 'select' else format('alter table %s add constraint %I primary key using index %I',
    i.indrelid::regclass, k.conname, c.relname) end as end
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
left join pg_constraint k on k.conindid = i.indexrelid and k.contype = 'p'
where i.indrelid in ('settled_subject'::regclass, 'promise'::regclass) and a.amname = 'btree'`;

/** Documents of settled promises, as long as those that they are copied from. */
export const COPY_SUBJECTS = (times: number): string => `
insert into settled_subject (shard, subject, doc)
select shard, subject || '.' || n, doc from generate_series(1, ${times}) n, settled_subject`;

export const COPY_PROMISES = (times: number): string => `
insert into promise (promise_id, shard, subject, build, customer, state, verdict, opened_at_ms, due_at_ms,
  decided_at_ms, sequence, owner, completed_at_ms, lateness_ms, facts)
select gen_random_uuid(), shard, subject || '.' || n, build, customer, state, verdict, opened_at_ms, due_at_ms,
  decided_at_ms, sequence, owner, completed_at_ms, lateness_ms, facts
from generate_series(1, ${times}) n, promise`;
