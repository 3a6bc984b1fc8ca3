import type { KafkaMessage } from 'kafkajs';
import type { Announcement } from './announcement.js';
import type { Query } from './store.js';

/** What one process does with a batch, within the transaction that moves the offset; answers what goes out. */
export interface Desk {
  work(shard: number, messages: readonly KafkaMessage[], query: Query): Promise<Announcement[]>;
}

export const textOf = ({ value }: KafkaMessage): string => (value as Buffer).toString('utf8');
