/** What is held back, what was decided about it, what others gave back, what left by an export. */
export const HOLDING_TABLES = `
-- The shard of the customer (whose owner issues lines), and the newest promise event (null: known by our output only).
alter table entitlement add column shard integer;
alter table entitlement add column verdict text;
create index entitlement_by_group on entitlement (group_name) where group_name is not null;
alter table line add column receivable_minor bigint not null default 0 check (receivable_minor >= 0);
alter table line add column route text not null default 'topic';
alter table line add column hold jsonb;
alter table line drop constraint line_check;
-- nothing is open below zero: what was paid beyond what stands is absorbed or owed back
alter table line add constraint line_open_check
  check (amount_minor - cancelled_minor - reversed_minor >= paid_minor - absorbed_minor - receivable_minor);
create index line_held on line (issued_at_ms) where state = 'held';
create index line_routed on line (route, issued_at_ms) where route <> 'topic';
-- Who activated terms: their approval of lines under them would be of their own.
create table guarantee_author (
  name    text not null,
  version integer not null,
  actor   text not null,
  primary key (name, version)
);
create table line_decision (
  event_id      text primary key,
  line_id       uuid not null,
  verb          text not null,
  by_key        text not null,
  reason        text,
  amount_minor  bigint,
  currency      text,
  decided_at_ms bigint not null,
  -- 'applied', or the code of the refusal
  outcome       text not null,
  detail        text
);
create index line_decision_by_line on line_decision (line_id);
-- One command about many lines, as each shard has it; done when the shard has applied it to all of its own.
create table bulk_decision (
  shard         integer not null,
  event_id      text not null,
  verb          text not null,
  guarantee     text not null,
  region        text,
  from_ms       bigint not null,
  to_ms         bigint not null,
  by_key        text not null,
  reason        text,
  decided_at_ms bigint not null,
  line_count    integer not null default 0,
  is_done       boolean not null default false,
  primary key (shard, event_id)
);
create index bulk_decision_undone on bulk_decision (shard) where not is_done;
-- What was asked for in a period, over all customers ('') or of one.
create table budget_use (
  guarantee  text not null,
  period     text not null,
  customer   text not null,
  currency   text not null,
  used_minor bigint not null,
  primary key (guarantee, period, customer, currency)
);
-- Breaches by ten minutes; region '' where the guarantee names none.
create table breach_count (
  guarantee text not null,
  region    text not null,
  bucket_ms bigint not null,
  breaches  bigint not null,
  primary key (guarantee, region, bucket_ms)
);
create table breaker_trip (
  guarantee     text not null,
  region        text not null,
  bucket_ms     bigint not null,
  breaches      bigint not null,
  limit_millis  bigint not null,
  tripped_at_ms bigint not null,
  primary key (guarantee, region, bucket_ms)
);
-- What a beneficiary owes us, to be set off.
create table receivable (
  beneficiary text not null,
  currency    text not null,
  open_minor  bigint not null,
  primary key (beneficiary, currency)
);
-- What was claimed; by promise, subject or one of the numbers others know (its ref_key: name=value).
create table claim (
  source        text not null,
  event_id      text not null,
  promise_id    uuid,
  subject       text,
  ref_key       text,
  refs          text not null,
  claimant      text not null,
  channel       text,
  at_ms         bigint not null,
  wants         text,
  -- the key of whom of ours filed it; null: the claimant
  actor         text,
  -- the claim's answers: 1 once it was answered, 2 once a later breach answered it anew
  answers       integer not null default 0,
  primary key (source, event_id)
);
create index claim_by_promise on claim (promise_id) where promise_id is not null;
create index claim_by_subject on claim (subject) where subject is not null;
create index claim_by_ref on claim (ref_key) where ref_key is not null;
-- Money that others gave back; the same told twice is one.
create table money_returned (
  subject      text not null,
  group_name   text not null,
  base         text not null,
  reference    text not null,
  amount_minor bigint not null,
  currency     text not null,
  reason       text,
  at_ms        bigint not null,
  primary key (subject, group_name, base, reference)
);
create index money_returned_by_group on money_returned (group_name) where group_name <> '';`;
