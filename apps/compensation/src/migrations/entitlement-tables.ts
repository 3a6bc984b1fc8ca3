/** What is owed, what was issued, what finance said. */
export const ENTITLEMENT_TABLES = `
-- What is owed for one promise. Whoever changes its lines locks this row first.
create table entitlement (
  promise_id        uuid primary key,
  breach_id         uuid not null,
  compensation_id   uuid not null,
  guarantee         text not null,
  guarantee_version integer not null,
  mode              text not null,
  subject           text not null,
  customer          text not null,
  parties           text not null,
  refs              text not null,
  group_name        text,
  sequence          integer not null,
  content_hash      text,
  owed              text not null
);
create unique index entitlement_by_compensation on entitlement (compensation_id);
create index entitlement_by_subject on entitlement (subject);
create index entitlement_by_customer on entitlement (customer);
create table line (
  line_id         uuid primary key,
  promise_id      uuid not null references entitlement (promise_id),
  remedy_id       text not null,
  n               integer not null check (n > 0),
  kind            text not null,
  currency        text,
  amount_minor    bigint not null check (amount_minor > 0),
  cancelled_minor bigint not null check (cancelled_minor >= 0),
  reversed_minor  bigint not null check (reversed_minor >= 0),
  paid_minor      bigint not null check (paid_minor >= 0),
  absorbed_minor  bigint not null check (absorbed_minor >= 0),
  state           text not null,
  line_sequence   integer not null,
  beneficiary     text not null,
  apology_day     text,
  issued_at_ms    bigint not null,
  details         text not null,
  unique (promise_id, remedy_id, n),
  -- nothing is open below zero: what was paid beyond what stands is absorbed
  check (amount_minor - cancelled_minor - reversed_minor >= paid_minor - absorbed_minor)
);
create index line_by_issue on line (issued_at_ms, line_id);
create index line_by_apology_day on line (apology_day) where apology_day is not null;
create index line_by_addressee on line (beneficiary) where kind = 'apology';
create table settlement (
  line_id      uuid not null references line (line_id),
  reference    text not null,
  status       text not null,
  amount_minor bigint,
  paid_at_ms   bigint,
  reason       text,
  event_id     text not null,
  primary key (line_id, reference, status)
);
-- Settlements of lines not known (yet), as they were read; shard and log_offset are their place in the log.
create table pending_settlement (
  shard        integer not null,
  log_offset   bigint not null,
  line_id      uuid not null,
  record_key   text,
  timestamp_ms bigint not null,
  value        text not null,
  since_ms     bigint not null,
  primary key (shard, log_offset)
);
-- The newest tick of makegood.promises.v1: what is due by time alone follows it.
create table service_time (
  shard   integer primary key,
  time_ms bigint not null
);
create table customer_profile (
  customer  text primary key,
  locale    text,
  time_zone text
);`;
