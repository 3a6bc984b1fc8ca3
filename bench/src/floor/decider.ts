import type { KafkaMessage } from 'kafkajs';
import { announcementOf, type Announcement, type Told } from './announcement.js';
import type { DeciderConfig } from './config.js';
import { textOf, type Desk } from './desk.js';
import type { Query } from './store.js';

const ALLOWANCE_MS = 6 * 3_600_000;

export const DECIDER_TABLES = `
create table promise (
  shard    integer not null,
  subject  text not null,
  customer text not null,
  due_ms   bigint not null,
  fire_ms  bigint,
  kept_ms  bigint,
  postage_minor bigint,
  primary key (shard, subject)
);
create index promise_by_fire on promise (shard, fire_ms) where fire_ms is not null;`;

/** Openings of the batch, those kept within the same batch already settled. */
const OPEN = `
insert into promise (shard, subject, customer, due_ms, fire_ms, kept_ms)
select $1, * from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
on conflict (shard, subject) do nothing`;
const OPEN_WITH_POSTAGE = `
insert into promise (shard, subject, customer, due_ms, fire_ms, kept_ms, postage_minor)
select $1, * from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
on conflict (shard, subject) do nothing`;
const KEEP = `
update promise set kept_ms = fact.at_ms, fire_ms = null
from unnest($2::text[], $3::bigint[]) as fact (subject, at_ms)
where promise.shard = $1 and promise.subject = fact.subject and promise.fire_ms is not null and fact.at_ms <= promise.due_ms
returning promise.subject, promise.customer, promise.due_ms as "dueMs", fact.at_ms as "atMs", postage_minor as "postageMinor"`;
const FIRE = `
update promise set fire_ms = null where shard = $1 and fire_ms < $2
returning subject, customer, due_ms as "dueMs", postage_minor as "postageMinor"`;

interface Event {
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: {
    readonly promisedAt: string;
    readonly sender: { readonly id: string };
    readonly postage: { readonly amountMinor: number };
  };
}

interface Opened {
  readonly customer: string;
  readonly dueMs: number;
  readonly postageMinor: number;
  keptMs: number | null;
}

/** What one batch holds, told apart. */
interface Heard {
  readonly opened: Map<string, Opened>;
  readonly kept: Map<string, number>;
  tickMs: number;
}

/** Openings, completions, and what is due at the batch's last tick. */
export class Decider implements Desk {
  constructor(private readonly config: DeciderConfig) {}

  async work(shard: number, messages: readonly KafkaMessage[], query: Query): Promise<Announcement[]> {
    const { opened, kept, tickMs } = hear(messages);
    const all = this.config.announce === 'all';
    const out: Announcement[] = [];
    const say = (kind: string, told: Told): void => void out.push(announcementOf(kind, told, this.config.bytes));
    if (opened.size > 0) {
      await this.open(shard, opened, query);
      if (all) {
        for (const [subject, { customer, dueMs, keptMs }] of opened) {
          say('opened', { subject, customer, dueMs, atMs: null, postageMinor: null });
          if (keptMs !== null) say('kept', { subject, customer, dueMs, atMs: keptMs, postageMinor: null });
        }
      }
    }
    if (kept.size > 0) {
      const done = await query<Told>(KEEP, [shard, [...kept.keys()], [...kept.values()]]);
      if (all) for (const told of done) say('kept', told);
    }
    if (tickMs > 0) {
      for (const told of await query<Told>(FIRE, [shard, tickMs])) {
        if (all) say('overdue', { ...told, atMs: null });
        say('breached', { ...told, atMs: null });
      }
    }
    return out;
  }

  private async open(shard: number, opened: Heard['opened'], query: Query): Promise<void> {
    const rows = [...opened.values()];
    const columns = [
      [...opened.keys()],
      rows.map(({ customer }) => customer),
      rows.map(({ dueMs }) => dueMs),
      rows.map(({ dueMs, keptMs }) => (keptMs === null ? dueMs + ALLOWANCE_MS : null)),
      rows.map(({ keptMs }) => keptMs),
    ];
    if (!this.config.namesPostage) await query(OPEN, [shard, ...columns]);
    else await query(OPEN_WITH_POSTAGE, [shard, ...columns, rows.map(({ postageMinor }) => postageMinor)]);
  }
}

function hear(messages: readonly KafkaMessage[]): Heard {
  const heard: Heard = { opened: new Map(), kept: new Map(), tickMs: 0 };
  for (const message of messages) {
    const event = JSON.parse(textOf(message)) as Event;
    if (event.type === 'makegood.tick') heard.tickMs = Number(message.timestamp);
    else if (event.type === 'bench.item.accepted') {
      const { data, subject } = event;
      const { sender, promisedAt, postage } = data;
      const dueMs = Date.parse(promisedAt);
      heard.opened.set(subject, { customer: sender.id, dueMs, postageMinor: postage.amountMinor, keptMs: null });
    } else if (event.type === 'bench.item.delivered') {
      const here = heard.opened.get(event.subject);
      const atMs = Date.parse(event.time);
      if (here && atMs <= here.dueMs) here.keptMs ??= atMs;
      else heard.kept.set(event.subject, atMs);
    }
  }
  return heard;
}
