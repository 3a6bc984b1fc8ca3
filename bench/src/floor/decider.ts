import type { KafkaMessage } from 'kafkajs';
import { announcementOf, type Announcement, type Told } from './announcement.js';
import type { FloorConfig } from './config.js';
import type { Publisher } from './publisher.js';
import { ADVANCE, CLAIM, FIRE, KEEP, OPEN, PUT_OUT, type Query, type Store } from './store.js';

const ALLOWANCE_MS = 6 * 3_600_000;

interface Event {
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: { readonly promisedAt: string; readonly sender: { readonly id: string } };
}

/** What one batch holds, told apart. */
interface Heard {
  readonly opened: Map<string, { customer: string; dueMs: number; keptMs: number | null }>;
  readonly kept: Map<string, number>;
  tickMs: number;
}

/** One transaction a batch: offset, openings, completions, what is due at the batch's last tick, one outbox row. */
export class Decider {
  private readonly claimed = new Set<number>();

  constructor(
    private readonly config: FloorConfig,
    private readonly store: Store,
    private readonly publisher: Publisher,
  ) {}

  async onBatch(shard: number, messages: readonly KafkaMessage[]): Promise<void> {
    if (!this.claimed.has(shard)) {
      await this.store.query(CLAIM, [shard]);
      this.claimed.add(shard);
    }
    await this.publisher.hasRoom();
    const heard = hear(messages);
    const next = Number(messages.at(-1)?.offset ?? -1) + 1;
    const row = await this.store.transaction(async (query) => {
      await query(ADVANCE, [shard, next]);
      const announcements = await this.decide(shard, heard, query);
      if (announcements.length === 0) return null;
      const text = announcements.map(({ partition, key, value }) => `${partition} ${key}\n${value}`).join('\n');
      const [stored] = await query<{ id: number }>(PUT_OUT, [this.config.outputTopic, text]);
      return { id: stored?.id ?? 0, announcements };
    });
    if (row) this.publisher.put(row);
  }

  private async decide(shard: number, { opened, kept, tickMs }: Heard, query: Query): Promise<Announcement[]> {
    const all = this.config.announce === 'all';
    const out: Announcement[] = [];
    const say = (kind: string, told: Told): void => void out.push(announcementOf(kind, told, this.config.bytes));
    if (opened.size > 0) {
      const rows = [...opened.values()];
      await query(OPEN, [
        shard,
        [...opened.keys()],
        rows.map(({ customer }) => customer),
        rows.map(({ dueMs }) => dueMs),
        rows.map(({ dueMs, keptMs }) => (keptMs === null ? dueMs + ALLOWANCE_MS : null)),
        rows.map(({ keptMs }) => keptMs),
      ]);
      if (all) {
        for (const [subject, { customer, dueMs, keptMs }] of opened) {
          say('opened', { subject, customer, dueMs, atMs: null });
          if (keptMs !== null) say('kept', { subject, customer, dueMs, atMs: keptMs });
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
}

function hear(messages: readonly KafkaMessage[]): Heard {
  const heard: Heard = { opened: new Map(), kept: new Map(), tickMs: 0 };
  for (const message of messages) {
    const event = JSON.parse((message.value as Buffer).toString('utf8')) as Event;
    if (event.type === 'makegood.tick') heard.tickMs = Number(message.timestamp);
    else if (event.type === 'bench.item.accepted') {
      const { data, subject } = event;
      heard.opened.set(subject, { customer: data.sender.id, dueMs: Date.parse(data.promisedAt), keptMs: null });
    } else if (event.type === 'bench.item.delivered') {
      const here = heard.opened.get(event.subject);
      const atMs = Date.parse(event.time);
      if (here && atMs <= here.dueMs) here.keptMs ??= atMs;
      else heard.kept.set(event.subject, atMs);
    }
  }
  return heard;
}
