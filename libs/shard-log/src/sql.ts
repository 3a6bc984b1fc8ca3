/**
 * Claiming: whoever raises the epoch owns the shard, all others are fenced from now on. No row: the shard was moved to
 * another database, or is being moved.
 */
export const CLAIM_SHARD = `
insert into shard (shard, epoch) values ($1, 1)
on conflict (shard) do update set epoch = shard.epoch + 1 where shard.moved_to is null
returning epoch, output_offset as "outputOffset"`;

export const CLAIM_OFFSETS = `
insert into shard_offset (shard, topic, next_offset, epoch)
select $1, topic, 0, $2 from unnest($3::text[]) topic
on conflict (shard, topic) do update set epoch = excluded.epoch
returning topic, next_offset as "nextOffset", leader_epoch as "leaderEpoch"`;

/** The fence for what is learned from the service's own output, up to $3: an owner of before learns nothing any more. */
export const ADOPT_UP_TO = `
update shard set output_offset = greatest(output_offset, $3) where shard = $1 and epoch = $2
returning 1 as ok`;

export const LOAD_OUTPUTS = `
select shard, output_offset as "outputOffset" from shard where shard = any($1::integer[])`;

/** No fence: what a shard has told stays told, whoever learns it in its place. Epoch 0 is nobody's. */
export const LEARN_FOR = `
insert into shard (shard, epoch, output_offset) values ($1, 0, $2)
on conflict (shard) do update set output_offset = greatest(shard.output_offset, excluded.output_offset)`;

export const LOAD_OFFSETS_OF = `
select shard, next_offset as "nextOffset" from shard_offset where topic = $1`;

export const FIND_HALT = `select topic from shard_halt where shard = $1`;

/** The fence: no row means that somebody else owns the shard, or that this part of the log was applied before. */
export const ADVANCE_OFFSET = `
update shard_offset set next_offset = $5, leader_epoch = greatest(leader_epoch, $6)
where shard = $1 and topic = $2 and epoch = $3 and next_offset = $4
returning 1 as ok`;

/** The fence for work that consumes no input (timers that are due). */
export const HOLD_SHARD = `select 1 as ok from shard where shard = $1 and epoch = $2 for no key update`;

/** The records come as UTF-8, made once for here and for Kafka. */
export const INSERT_OUTBOX = `
insert into outbox (shard, topic, records) values ($1, $2, convert_from($3, 'UTF8')) returning id`;

/** Of shards that are still ours: what their next owners have committed is in their hands. */
export const LOAD_OUTBOX = `
select id, outbox.shard, topic, records
from unnest($1::integer[], $2::bigint[]) as mine (shard, epoch) join shard using (shard, epoch) join outbox using (shard)
where id <> all($3::bigint[]) order by id limit 200`;

export const OLDEST_OF_OUTBOX = `select min(id) as oldest from outbox where shard = $1`;

export const DELETE_OUTBOX = `delete from outbox where id = any($1::bigint[])`;

export const ADVANCE_OUTPUT = `
update shard set output_offset = greatest(output_offset, moved.offset_after)
from unnest($1::integer[], $2::bigint[]) as moved (shard, offset_after)
where shard.shard = moved.shard`;

export const SAVE_HALT = `
insert into shard_halt (shard, topic, reason, next_offset, log_end, at_ms) values ($1, $2, $3, $4, $5, $6)
on conflict (shard) do nothing`;

export const LOAD_HALTS = `
select shard, topic, reason, next_offset as "nextOffset", log_end as "logEnd", at_ms as "atMs" from shard_halt
where shard <> all($1::integer[])`;

export const LOAD_OFFSETS = `
select shard, topic, next_offset as "nextOffset" from shard_offset where shard <> all($1::integer[])`;
export const COUNT_OUTBOX = `select count(*) as rows from outbox where shard <> all($1::integer[])`;
