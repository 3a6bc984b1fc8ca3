import { randomUUID } from 'node:crypto';
import { encodeCloudEvent, SOURCES, TICK_TYPE, TOPICS, type SilentSource, type TickEvent } from '#libs/contracts';
import { formatInstant, type Clock } from '#libs/kernel';
import type { LogReader, RecordProducer } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import { toEveryPartition } from '../canonical/route-event.js';
import { ingressLag, sourcesSilent, ticksHeld, ticksSent } from '../metrics.js';
import { IngressLag } from './ingress-lag.js';
import type { SourceWatch } from './source-watch.js';

export interface TickerOptions {
  readonly database: Database;
  readonly reader: LogReader;
  readonly producer: RecordProducer;
  readonly clock: Clock;
  readonly watch: SourceWatch;
  readonly shardCount: number;
  readonly everyMs: number;
}

const INGRESS_OFFSETS = 'select shard, next_offset as next from shard_offset where topic = $1';
/** Silence is measured in minutes: looking once a second is plenty. */
const SILENCE_EVERY_MS = 1_000;

/** Moves shard time, and nothing else does: one tick into every partition, unless facts in ingress wait to be read. */
export class Ticker {
  private lag = new IngressLag();
  private silent: readonly SilentSource[] = [];
  private silentAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: TickerOptions) {}

  /** A new reign: what is in ingress now has to be read before the first tick. */
  begin(): void {
    this.lag = new IngressLag();
  }

  /** @param mayAct asked again right before the send; @returns false when the tick was held. */
  async tick(mayAct: () => boolean): Promise<boolean> {
    const { clock, producer, shardCount, everyMs } = this.options;
    if (await this.isIngressLate()) {
      ticksHeld.inc();
      return false;
    }
    const silent = await this.silence();
    if (!mayAct()) return false;
    const event: TickEvent = {
      specversion: '1.0',
      id: randomUUID(),
      source: SOURCES.intake,
      type: TICK_TYPE,
      subject: 'tick',
      time: formatInstant(clock.nowMs()),
      data: { everyMs, silent },
    };
    await producer.send(toEveryPartition(TOPICS.events, shardCount, event.subject, encodeCloudEvent(event)));
    ticksSent.inc();
    return true;
  }

  private async isIngressLate(): Promise<boolean> {
    const { database, reader, clock } = this.options;
    const atMs = clock.nowMs();
    const ends = (await reader.offsetsOf(TOPICS.ingress)).map(({ high }) => high);
    this.lag.sample(atMs, ends);
    const rows = await database.query<{ shard: number; next: number }>(INGRESS_OFFSETS, [TOPICS.ingress]);
    const nexts: number[] = [];
    for (const { shard, next } of rows) nexts[shard] = next;
    ingressLag.set(this.lag.recordsUnread(nexts));
    return this.lag.isLate(nexts);
  }

  private async silence(): Promise<readonly SilentSource[]> {
    const { clock, watch } = this.options;
    const nowMs = clock.nowMs();
    if (watch.isIdle || Math.abs(nowMs - this.silentAtMs) < SILENCE_EVERY_MS) return this.silent;
    this.silent = await watch.silentAt(nowMs);
    this.silentAtMs = nowMs;
    sourcesSilent.set(this.silent.length);
    return this.silent;
  }
}
