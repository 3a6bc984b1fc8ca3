/**
 * Double entry, append-only. The database itself refuses updates and deletes, and a commit that leaves a transfer
 * unbalanced.
 */
export const LEDGER_TABLES = `
-- The one erasable row between a person and the opaque name under which the ledger knows them.
create table customer_ref (
  customer text primary key,
  ref      uuid not null default gen_random_uuid()
);
create table ledger_transfer (
  transfer_id  uuid primary key,
  line_id      uuid not null,
  reason       text not null,
  booked_at_ms bigint not null
);
create index ledger_transfer_by_line on ledger_transfer (line_id);
create table ledger_entry (
  entry_id     bigint generated always as identity primary key,
  transfer_id  uuid not null references ledger_transfer (transfer_id),
  account      text not null,
  currency     text not null,
  amount_minor bigint not null
);
create index ledger_entry_by_transfer on ledger_entry (transfer_id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'LEDGER_APPEND_ONLY: % of % is refused; correct by a new transfer', tg_op, tg_table_name
    using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete on ledger_transfer for each statement execute function refuse_change();
create trigger append_only_truncate before truncate on ledger_transfer for each statement execute function refuse_change();
create trigger append_only before update or delete on ledger_entry for each statement execute function refuse_change();
create trigger append_only_truncate before truncate on ledger_entry for each statement execute function refuse_change();

-- The plan is cached while the table is small: without the setting it would stay a scan of all entries.
create function check_transfer_balance() returns trigger language plpgsql set enable_seqscan = off as $$
begin
  if exists (
    select from ledger_entry where transfer_id = new.transfer_id group by currency having sum(amount_minor) <> 0
  ) then
    raise exception 'LEDGER_UNBALANCED: the entries of transfer % do not sum to zero', new.transfer_id
      using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger balanced after insert on ledger_entry
  deferrable initially deferred for each row execute function check_transfer_balance();`;
