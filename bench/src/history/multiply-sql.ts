/** Nothing that is there wakes up any more. */
export const SETTLE_ALL = `update subject set wake_at_ms = null; update promise set state = 'final'`;

/** Documents of settled promises, as long as those that they are copied from. */
export const COPY_SUBJECTS = (times: number): string => `
insert into subject (shard, subject, wake_at_ms, doc)
select shard, subject || '.' || n, null, doc from generate_series(1, ${times}) n, subject`;

export const COPY_PROMISES = (times: number): string => `
insert into promise (promise_id, shard, subject, build, customer, state, verdict, opened_at_ms, due_at_ms,
  decided_at_ms, sequence, owner, completed_at_ms, lateness_ms, facts)
select gen_random_uuid(), shard, subject || '.' || n, build, customer, state, verdict, opened_at_ms, due_at_ms,
  decided_at_ms, sequence, owner, completed_at_ms, lateness_ms, facts
from generate_series(1, ${times}) n, promise`;

/** What autovacuum would have done in the months in which a history grows. */
export const VACUUM = ['vacuum (analyze) subject', 'vacuum (analyze) promise', 'checkpoint'];
