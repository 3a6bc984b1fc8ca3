import type { Kafka } from 'kafkajs';
import type { Clock } from '#libs/kernel';
import { traced, type Cause } from '#libs/observability';
import type { OutgoingRecord, ProducedRange, RecordProducer } from './records.js';
import { headersNow, sendingOf } from './sending.js';
import { SEND_DEADLINE_MS, SerialSender } from './serial-sender.js';
import { Turns } from './turns.js';

/** Sends where it is called, one send after the other. */
export class SerialProducer implements RecordProducer {
  private readonly sender: SerialSender;
  private readonly turns = new Turns();
  private closed = false;

  constructor(kafka: Kafka, clock: Clock, deadlineMs: number = SEND_DEADLINE_MS) {
    this.sender = new SerialSender(kafka, clock, deadlineMs);
  }

  /** Rejects when the broker did not acknowledge in time: the records may or may not be in the log. */
  send(records: readonly OutgoingRecord[], causes: readonly Cause[] = []): Promise<ProducedRange[]> {
    const describe = () =>
      sendingOf(
        records.map(({ topic }) => topic),
        records.length,
        causes,
      );
    return this.turns.take(() => traced(describe, () => this.sendInTurn(records)));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.turns.over();
    await this.sender.discard();
  }

  private async sendInTurn(records: readonly OutgoingRecord[]): Promise<ProducedRange[]> {
    if (this.closed) throw new Error('the producer is closed');
    const ranges: ProducedRange[] = [];
    for await (const part of this.sender.send(records, headersNow())) ranges.push(...part);
    return ranges;
  }
}
