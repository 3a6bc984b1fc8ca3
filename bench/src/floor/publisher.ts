import type { Kafka, Message, Producer } from 'kafkajs';
import type { Announcement } from './announcement.js';
import { TAKE_OUT, type Store } from './store.js';

const ROWS_PER_SEND_MAX = 16;
const RECORDS_PER_SEND_MAX = 6_000;
const WAITING_MAX = 40_000;
const HEADERS = { 'content-type': 'application/cloudevents+json' };

interface Row {
  readonly id: number;
  readonly announcements: readonly Announcement[];
}

/** Publishes committed outbox rows in order, one send in flight, and deletes them after the acks. */
export class Publisher {
  private readonly producer: Producer;
  private readonly rows: Row[] = [];
  private waiting = 0;
  private running = false;
  private resume: (() => void)[] = [];

  constructor(
    kafka: Kafka,
    private readonly store: Store,
    private readonly topic: string,
  ) {
    this.producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
  }

  connect(): Promise<void> {
    return this.producer.connect();
  }

  put(row: Row): void {
    this.rows.push(row);
    this.waiting += row.announcements.length;
    if (!this.running) void this.run();
  }

  async hasRoom(): Promise<void> {
    while (this.waiting > WAITING_MAX) await new Promise<void>((resolve) => this.resume.push(resolve));
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.rows.length > 0) {
      const rows: Row[] = [];
      let records = 0;
      for (
        let next = this.rows[0];
        next && rows.length < ROWS_PER_SEND_MAX && records < RECORDS_PER_SEND_MAX;
        next = this.rows[0]
      ) {
        rows.push(next);
        records += next.announcements.length;
        this.rows.shift();
      }
      const messages = rows.flatMap(({ announcements }) =>
        announcements.map(({ partition, key, value }): Message => ({ partition, key, value, headers: HEADERS })),
      );
      await this.producer.send({ topic: this.topic, acks: -1, messages });
      await this.store.query(TAKE_OUT, [rows.map(({ id }) => id)]);
      this.waiting -= records;
      for (const resume of this.resume.splice(0)) resume();
    }
    this.running = false;
  }
}
