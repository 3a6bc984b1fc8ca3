/** Words that wait for an hour at which they may be said. */
export const WORD_CHANGES = `
-- When it is quiet at whom the words go to (JSON: fromMinute, toMinute, zone); when time alone moves the line on.
alter table line add column quiet text;
alter table line add column wake_at_ms bigint;
create index line_wakes on line (shard, wake_at_ms, line_id) where wake_at_ms is not null;`;
