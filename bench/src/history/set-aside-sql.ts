/** Nothing that is there wakes up any more. */
export const SETTLE_ALL = `
with open as (delete from subject returning shard, subject, doc)
insert into settled_subject (shard, subject, doc) select * from open;
update promise set state = 'final' where state <> 'final'`;

/** Empty tables like those that are there, which are kept under another name. */
export const SET_ASIDE = `
do $$ declare name text; options text; begin
  foreach name in array array['subject', 'settled_subject', 'promise'] loop
    select array_to_string(reloptions, ', ') into options from pg_class where oid = name::regclass;
    execute format('alter table %1$I rename to %1$s_aside', name);
    execute format('create table %1$I (like %1$s_aside including all) with (%2$s)', name, options);
  end loop;
end $$`;

/** The empty ones go, with what has come into them since. */
export const TAKE_BACK = `
drop table subject, settled_subject, promise;
alter table subject_aside rename to subject;
alter table settled_subject_aside rename to settled_subject;
alter table promise_aside rename to promise`;

/** What autovacuum would have done in the months in which a history grows. */
export const VACUUM = ['vacuum (analyze) subject, settled_subject, promise', 'checkpoint'];
