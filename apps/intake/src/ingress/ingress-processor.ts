import { Inject, Injectable } from '@nestjs/common';
import { TOPICS } from '#libs/contracts';
import type { LogRecord, OutgoingRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import {
  deadLetterIdOf,
  NO_EFFECTS,
  type Effects,
  type Rejected,
  type ShardBatch,
  type ShardProcessor,
} from '#libs/shard-log';
import { canonise, type Canonical, type Canonised } from '../canonical/canonise.js';
import type { ReadEvent } from '../canonical/binary-mode.js';
import type { Judgement } from '../canonical/check-event.js';
import type { Routing } from '../canonical/route-event.js';
import { takeCustomerNews } from '../customers/customer-records.js';
import { Enrichment, type Enrich } from '../customers/enrichment.js';
import { LetterBook } from '../letters/letter-book.js';
import { letterRecord, subjectOf } from '../letters/letter-events.js';
import { eventsAccepted, eventsRejected } from '../metrics.js';
import type { CoalescingWriter } from '../publish/coalescing-writer.js';
import { SourceWatch } from '../ticker/source-watch.js';
import { EVENT_WRITER, INTAKE_MODE, ROUTING } from '../tokens.js';
import { readRecord } from './read-record.js';

/**
 * Events that came over Kafka: the canonical ones are in the log before the offset goes on (docs/adr/0004), the others
 * are dead letters in the same transaction. From the topics of signals and of dead letters intake keeps what it must
 * know: customers, and what waits for somebody to decide.
 */
@Injectable()
export class IngressProcessor implements ShardProcessor {
  constructor(
    @Inject(EVENT_WRITER) private readonly writer: CoalescingWriter,
    @Inject(ROUTING) private readonly routing: Routing,
    @Inject(INTAKE_MODE) private readonly mode: Judgement['mode'],
    @Inject(SourceWatch) private readonly watch: SourceWatch,
    @Inject(Enrichment) private readonly enrichment: Enrichment,
  ) {}

  async apply({ topic, records }: ShardBatch, tx: Sql): Promise<Effects> {
    if (topic === TOPICS.ingress) return this.takeIn(records);
    if (topic === TOPICS.signals) await takeCustomerNews(records, tx);
    else await LetterBook.take(records, tx);
    return NO_EFFECTS;
  }

  private async takeIn(records: readonly LogRecord[]): Promise<Effects> {
    const outgoing: OutgoingRecord[] = [];
    const letters: OutgoingRecord[] = [];
    const read = records.map((record) => ({ record, read: readRecord(record) }));
    const enrich = await this.enrichment.forBatch(read.map((each) => each.read.event));
    const accepted: { readonly canonical: Canonical; readonly atMs: number }[] = [];
    const rejected: Rejected[] = [];
    for (const { record, read: event } of read) {
      const result = this.canonised(record, event, enrich);
      if (result.refusal) {
        const { code, detail } = result.refusal;
        rejected.push({ record, reason: code, detail });
        letters.push(...this.letterOf(record));
        eventsRejected.inc({ way: 'ingress', code });
      } else {
        outgoing.push(...result.records);
        accepted.push({ canonical: result, atMs: record.timestampMs });
      }
    }
    await this.writer.write(outgoing); // BROKER_AWAY is retryable: the batch comes again
    for (const { canonical, atMs } of accepted) this.watch.heard(canonical.event, atMs);
    eventsAccepted.inc({ way: 'ingress' }, accepted.length);
    return { ...NO_EFFECTS, outgoing: letters, rejected };
  }

  /** Where the subject can be read, its promises are not broken before somebody has looked at the letter. */
  private letterOf(record: LogRecord): OutgoingRecord[] {
    const subject = subjectOf(record);
    if (subject === null) return [];
    const letter = { id: deadLetterIdOf('intake', record), status: 'open' as const };
    return [letterRecord(letter, subject, record.timestampMs, this.routing.shardCount)];
  }

  private canonised(record: LogRecord, read: ReadEvent, enrich: Enrich): Canonised {
    if (read.refusal) return read;
    const judgement: Judgement = {
      mode: this.mode,
      way: 'ingress',
      boundSource: null,
      isAdmin: false,
      receivedAtMs: Math.max(0, record.timestampMs),
    };
    return canonise(read.event, judgement, this.routing, enrich);
  }
}
