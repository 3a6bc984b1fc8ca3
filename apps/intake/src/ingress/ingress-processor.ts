import { Inject, Injectable } from '@nestjs/common';
import type { LogRecord, OutgoingRecord } from '#libs/messaging';
import { NO_EFFECTS, type Effects, type Rejected, type ShardBatch, type ShardProcessor } from '#libs/shard-log';
import { canonise, type Canonical, type Canonised } from '../canonical/canonise.js';
import type { Judgement } from '../canonical/check-event.js';
import type { Routing } from '../canonical/route-event.js';
import { eventsAccepted, eventsRejected } from '../metrics.js';
import type { CoalescingWriter } from '../publish/coalescing-writer.js';
import { SourceWatch } from '../ticker/source-watch.js';
import { EVENT_WRITER, INTAKE_MODE, ROUTING } from '../tokens.js';
import { readRecord } from './read-record.js';

/**
 * Events that came over Kafka: the canonical ones are in the log before the offset goes on (docs/adr/0004), the others
 * are dead letters in the same transaction.
 */
@Injectable()
export class IngressProcessor implements ShardProcessor {
  constructor(
    @Inject(EVENT_WRITER) private readonly writer: CoalescingWriter,
    @Inject(ROUTING) private readonly routing: Routing,
    @Inject(INTAKE_MODE) private readonly mode: Judgement['mode'],
    @Inject(SourceWatch) private readonly watch: SourceWatch,
  ) {}

  async apply({ records }: ShardBatch): Promise<Effects> {
    const outgoing: OutgoingRecord[] = [];
    const accepted: { readonly canonical: Canonical; readonly atMs: number }[] = [];
    const rejected: Rejected[] = [];
    for (const record of records) {
      const result = this.canonised(record);
      if (result.refusal) {
        const { code, detail } = result.refusal;
        rejected.push({ record, reason: code, detail });
        eventsRejected.inc({ way: 'ingress', code });
      } else {
        outgoing.push(...result.records);
        accepted.push({ canonical: result, atMs: record.timestampMs });
      }
    }
    await this.writer.write(outgoing); // BROKER_AWAY is retryable: the batch comes again
    for (const { canonical, atMs } of accepted) this.watch.heard(canonical.event, atMs);
    eventsAccepted.inc({ way: 'ingress' }, accepted.length);
    return { ...NO_EFFECTS, rejected };
  }

  private canonised(record: LogRecord): Canonised {
    const read = readRecord(record);
    if (read.refusal) return read;
    const judgement: Judgement = {
      mode: this.mode,
      way: 'ingress',
      boundSource: null,
      isAdmin: false,
      receivedAtMs: Math.max(0, record.timestampMs),
    };
    return canonise(read.event, judgement, this.routing);
  }
}
