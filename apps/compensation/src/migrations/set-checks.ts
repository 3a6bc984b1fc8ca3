/**
 * Foreign keys of the two tables that grow by thousands of rows a statement, kept by the statement: the database checks its
 * own foreign keys row by row, which was two fifths of its time in a wave. What they say is what they said.
 */
export const SET_CHECKS = `
alter table line drop constraint line_promise_id_fkey;
create function require_entitlements() returns trigger language plpgsql as $$
declare
  orphan uuid;
begin
  select promise_id into orphan from added
  where not exists (select from entitlement where entitlement.promise_id = added.promise_id) limit 1;
  if found then
    raise exception 'line: there is no entitlement of promise %', orphan using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
create trigger of_an_entitlement after insert on line
  referencing new table as added for each statement execute function require_entitlements();

alter table ledger_entry drop constraint ledger_entry_transfer_id_fkey;
create function require_transfers() returns trigger language plpgsql as $$
declare
  orphan uuid;
begin
  select transfer_id into orphan from added
  where not exists (select from ledger_transfer where ledger_transfer.transfer_id = added.transfer_id) limit 1;
  if found then
    raise exception 'ledger_entry: there is no transfer %', orphan using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
create trigger of_a_transfer after insert on ledger_entry
  referencing new table as added for each statement execute function require_transfers();

-- The other end: the ledger's rows are never changed or deleted at all; a promise keeps its id, and its row as long as it has lines.
create function refuse_new_promise() returns trigger language plpgsql as $$
begin
  raise exception '%: a row stays with its promise', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger keeps_its_promise before update of promise_id on line for each statement execute function refuse_new_promise();
create trigger keeps_its_promise before update of promise_id on entitlement for each statement execute function refuse_new_promise();
create function refuse_loss_of_lines() returns trigger language plpgsql as $$
begin
  if exists (select from gone where exists (select from line where line.promise_id = gone.promise_id)) then
    raise exception 'entitlement: there are lines of it' using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
create trigger keeps_its_lines after delete on entitlement
  referencing old table as gone for each statement execute function refuse_loss_of_lines();`;
