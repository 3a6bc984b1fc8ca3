/** What lets a hundred thousand breaches through in one wave: nothing is done line by line that can be done in sets. */
export const WAVE_CHANGES = `
-- A statement whose entries sum to zero per transfer leaves every transfer as balanced as it found it, so only the
-- transfers of other statements are looked at again at commit. By induction nothing unbalanced is ever committed.
drop trigger balanced on ledger_entry;
drop function check_transfer_balance();
create table ledger_suspect (
  transfer_id uuid not null
);
create function note_suspects() returns trigger language plpgsql as $$
begin
  insert into ledger_suspect
  select distinct transfer_id from added group by transfer_id, currency having sum(amount_minor) <> 0;
  return null;
end $$;
create trigger note_suspects after insert on ledger_entry
  referencing new table as added for each statement execute function note_suspects();

create function check_suspect() returns trigger language plpgsql as $$
begin
  if exists (
    select from ledger_entry where transfer_id = new.transfer_id group by currency having sum(amount_minor) <> 0
  ) then
    raise exception 'LEDGER_UNBALANCED: the entries of transfer % do not sum to zero', new.transfer_id
      using errcode = 'check_violation';
  end if;
  delete from ledger_suspect where transfer_id = new.transfer_id;
  return null;
end $$;
create constraint trigger balanced after insert on ledger_suspect
  deferrable initially deferred for each row execute function check_suspect();

alter table entitlement set (toast_tuple_target = 8160);

-- The shard that issued the line: what the breaker holds is released shard by shard.
alter table line add column shard integer;
update line set shard = entitlement.shard from entitlement where entitlement.promise_id = line.promise_id;
create index line_held_by_shard on line (shard, issued_at_ms, line_id) where state = 'held';`;
