import {
  DEAD_LETTER_TYPE,
  encodeCloudEvent,
  SETTLEMENT_PREFIX,
  TOPICS,
  type CloudEvent,
  type DeadLetterEvent,
  type LetterStatus,
  type SettlementEvent,
} from '#libs/contracts';
import type { OutgoingRecord } from '#libs/messaging';
import { letterRecord, releaseRecord } from '../../apps/intake/src/letters/letter-events.js';
import type { Broker } from './broker.js';
import { isOfDefect, type Defects } from './defects.js';
import { SHARDS } from './services.js';
import { Listener } from './listener.js';
import type { Scheduler } from './scheduler.js';

/** Who reads the dead letters: what failed by a defect is mended and replayed, or now and then discarded, as intake does it. */
export class Operator extends Listener<DeadLetterEvent> {
  /** Texts of the records that nobody will ever process. */
  readonly discarded = new Set<string>();
  readonly counts = new Map<string, number>();

  constructor(
    scheduler: Scheduler,
    broker: Broker,
    private readonly defects: Defects,
  ) {
    super('operator', TOPICS.deadLetters, scheduler, broker);
  }

  protected hear(letter: DeadLetterEvent): void {
    if (letter.type !== DEAD_LETTER_TYPE || !isOfDefect(letter.data) || this.heard.has(letter.id)) return;
    this.heard.add(letter.id);
    const { random } = this.scheduler;
    const status = mayBeDiscarded(letter) && random.chance(0.35) ? 'discarded' : 'replayed';
    const times = random.chance(0.2) ? 2 : 1;
    this.later(
      () => {
        for (let i = 0; i < times; i++) for (const record of this.decide(letter, status)) this.broker.append(record);
      },
      random.int(300, random.pick([2_000, 15_000])),
    );
  }

  /** Lines about which a word of finance's was discarded: their books may lack it. */
  discardedLines(): Set<string> {
    const lines = new Set<string>();
    for (const text of this.discarded) lines.add(String((JSON.parse(text) as CloudEvent).data['lineId']));
    return lines;
  }

  /** What is to be booked of such a line: by reference, the first that was told and not discarded; null: no telling. */
  bookableMinor(lineId: string): number | null {
    const byReference = new Map<string, number>();
    const passedBy = new Set<string>();
    for (const { key, value } of this.broker.all(TOPICS.settlements)) {
      const text = value.toString();
      if (key !== lineId || !text.includes(`${SETTLEMENT_PREFIX}paid`)) continue;
      if (passedBy.has(text)) return null; // one copy was discarded, another perhaps not
      if (this.discarded.has(text)) passedBy.add(text);
      const { reference, amount } = (JSON.parse(text) as SettlementEvent).data;
      if (!passedBy.has(text) && !byReference.has(reference)) byReference.set(reference, amount?.amountMinor ?? 0);
    }
    return [...byReference.values()].reduce((sum, minor) => sum + minor, 0);
  }

  private decide({ id, subject, time, data }: DeadLetterEvent, status: LetterStatus): OutgoingRecord[] {
    const { topic, partition, original } = data;
    const what = `letter ${status}`;
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
    if (status === 'discarded') this.discarded.add(original);
    if (data.parked) this.defects.mend(original); // also what is discarded could be processed now, and must not be
    const atMs = this.broker.clockMs;
    if (data.parked) return [releaseRecord({ id, topic, partition, subject } as never, status, atMs)];
    const event = JSON.parse(original) as CloudEvent;
    const again = encodeCloudEvent({ ...event, receivedat: event.receivedat ?? time });
    const told = letterRecord({ id, status }, event.subject, atMs, SHARDS);
    return status === 'discarded' ? [told] : [{ topic, partition, key: subject, value: again }, told];
  }
}

/** A verdict is never discarded: what follows from it would be missing. Facts and words of people may be. */
function mayBeDiscarded({ data: { topic, original } }: DeadLetterEvent): boolean {
  if (topic === TOPICS.events) return true;
  return topic === TOPICS.settlements && (JSON.parse(original) as CloudEvent).type.startsWith(SETTLEMENT_PREFIX);
}
