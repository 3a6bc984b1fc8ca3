import type { KafkaMessage } from 'kafkajs';
import { eventOf, type Announcement } from './announcement.js';
import type { ScorerConfig } from './config.js';
import { textOf, type Desk } from './desk.js';
import type { Query } from './store.js';
import { Telling } from './telling.js';

export const SCORER_TABLES = `
create table customer (
  customer text primary key,
  score    double precision not null,
  misses   integer not null,
  refunds  integer not null
);`;

const SCORE = `
insert into customer as known (customer, score, misses, refunds)
select customer, 60 - 9 * misses + 5 * refunds, misses, refunds
from unnest($1::text[], $2::integer[], $3::integer[]) as t (customer, misses, refunds)
on conflict (customer) do update set score = known.score + excluded.score - 60,
  misses = known.misses + excluded.misses, refunds = known.refunds + excluded.refunds
returning customer, score`;

interface Cause {
  readonly id: string;
  readonly type: string;
  readonly customer?: string;
  readonly data?: { readonly customer: string };
}

/** A score a customer, moved by each breach and each refund; tells as much of it as the product does. */
export class Scorer implements Desk {
  private readonly telling: Telling;

  constructor({ causes, tells }: ScorerConfig) {
    this.telling = new Telling(causes, tells);
  }

  async work(_shard: number, messages: readonly KafkaMessage[], query: Query): Promise<Announcement[]> {
    const moves = new Map<string, { misses: number; refunds: number }>();
    const heard: { readonly id: string; readonly customer: string }[] = [];
    for (const message of messages) {
      const { id, type, customer, data } = JSON.parse(textOf(message)) as Cause;
      const whose = customer ?? data?.customer;
      const isBreach = type === 'makegood.promise.breached';
      if (whose === undefined || !(isBreach || type === 'makegood.refund.requested')) continue;
      const move = moves.get(whose) ?? { misses: 0, refunds: 0 };
      if (isBreach) move.misses += 1;
      else move.refunds += 1;
      moves.set(whose, move);
      heard.push({ id, customer: whose });
    }
    if (heard.length === 0) return [];
    const rows = [...moves.values()];
    const scored = await query<{ customer: string; score: number }>(SCORE, [
      [...moves.keys()],
      rows.map(({ misses }) => misses),
      rows.map(({ refunds }) => refunds),
    ]);
    const scores = new Map(scored.map(({ customer, score }) => [customer, score]));
    return heard.flatMap(({ id, customer }) =>
      this.telling.next().map(({ kind, bytes }) => {
        const data = { customer, score: scores.get(customer), cause: { eventId: id } };
        return eventOf(`makegood.loyalty.${kind}`, id, customer, { data }, bytes);
      }),
    );
  }
}
