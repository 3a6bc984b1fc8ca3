/** $1 shard, $2 event id, $3 time, $4 ruleset or null, $5 purchasing or null. */
export const SAVE_RULES = `
insert into applied_rules (shard, event_id, at_ms, ruleset, purchasing) values ($1, $2, $3, $4, $5)
on conflict (shard, event_id) do nothing`;

const COLUMNS = 'event_id as "eventId", at_ms as "atMs", ruleset, purchasing';

/** $1 shard: what it judges by. The newest said, in whatever order it was heard. */
export const RULES_OF_SHARD = `
select ${COLUMNS} from applied_rules where shard = $1 order by at_ms desc, event_id desc limit 1`;

/** What any shard judges by; all of them soon. */
export const LATEST_RULES = `select ${COLUMNS} from applied_rules order by at_ms desc, event_id desc limit 1`;

/** $1: a name of rules; what was ever put into force under it. */
export const RULES_NAMED = `select distinct purchasing::text as purchasing from applied_rules where ruleset = $1`;
