import { Injectable } from '@nestjs/common';
import { encodeCloudEvent, TOPICS } from '#libs/contracts';
import type { Sql } from '#libs/persistence';
import {
  NO_EFFECTS,
  type Effects,
  type Outgoing,
  type Rejected,
  type ShardBatch,
  type ShardProcessor,
} from '#libs/shard-log';
import type { LogRecord } from '#libs/messaging';
import type { News } from '../customer-document/learn.js';
import { loadCustomers, saveCustomers } from './customer-rows.js';
import { CustomerWork } from './customer-work.js';
import { readNews } from './read-news.js';

/**
 * What loyalty does with its part of the log: one query for the customers a batch touches, everything else in memory, one
 * statement to write them back. Ticks and types it does not know pass by.
 */
@Injectable()
export class LoyaltyProcessor implements ShardProcessor {
  async apply({ shard, records }: ShardBatch, tx: Sql): Promise<Effects> {
    const { news, rejected } = readAll(records);
    if (news.length === 0) return { ...NO_EFFECTS, rejected };
    const customers = [...new Set(news.map(({ told }) => told.customer))];
    const stored = await loadCustomers(customers, tx);
    const work = new Map(
      customers.map((customer) => [customer, new CustomerWork(customer, stored.get(customer) ?? null)]),
    );
    const outgoing: Outgoing[] = [];
    for (const { told, record } of news) {
      for (const event of work.get(told.customer)?.take(told) ?? []) {
        outgoing.push({
          topic: TOPICS.loyalty,
          partition: shard,
          key: told.customer,
          value: encodeCloudEvent(event),
          timestampMs: record.timestampMs,
        });
      }
    }
    await saveCustomers(work, tx);
    return { outgoing, rejected, pending: false };
  }
}

function readAll(records: readonly LogRecord[]): {
  readonly news: { readonly told: News; readonly record: LogRecord }[];
  readonly rejected: Rejected[];
} {
  const news: { told: News; record: LogRecord }[] = [];
  const rejected: Rejected[] = [];
  for (const record of records) {
    const reading = readNews(record);
    if (reading.kind === 'rejected') rejected.push({ record, reason: reading.reason, detail: reading.detail });
    else if (reading.kind !== 'ignored') news.push({ told: reading, record });
  }
  return { news, rejected };
}
