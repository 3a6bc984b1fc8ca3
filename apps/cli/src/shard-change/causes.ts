import { CAUSE_POSITION, causePositionOf, causePositionText, TOPICS } from '#libs/contracts';
import type { CopiedRecord, SourceRecord } from './copied-topics.js';
import { eventIn } from './copied-topics.js';

/**
 * Where the records that caused loyalty's events stand in the new log. A database that is empty learns from these events
 * what was told of whom, and says nothing of a customer until it has read their last cause again; so the events have to
 * name its new place.
 */
export class Causes {
  /** By `topic/old partition/old offset` of a cause: its new offset by new partition. */
  private readonly places = new Map<string, Map<number, number>>();

  /** An event of loyalty, before anything is copied: its cause will be asked for. */
  expect({ partition, value }: SourceRecord): void {
    const event = eventIn({ value });
    const at = event && causePositionOf(event);
    if (at !== null) this.places.set(`${at.topic}/${partition}/${at.offset}`, new Map());
  }

  note(topic: string, { partition, from }: CopiedRecord, offset: number): void {
    if (this.places.size === 0) return;
    for (const old of from) this.places.get(`${topic}/${old.partition}/${old.offset}`)?.set(partition, offset);
  }

  /** The event with the new place of its cause; without a place where the cause was not copied. */
  moved(record: CopiedRecord): CopiedRecord {
    const event = eventIn(record);
    const at = event && causePositionOf(event);
    if (event === null || at === null) return record;
    const [old] = record.from;
    const offset = this.places.get(`${at.topic}/${old?.partition}/${at.offset}`)?.get(record.partition);
    const { [CAUSE_POSITION]: _before, data, ...attributes } = event;
    const place = offset === undefined ? {} : { [CAUSE_POSITION]: causePositionText({ topic: at.topic, offset }) };
    return { ...record, value: Buffer.from(JSON.stringify({ ...attributes, ...place, data })) };
  }
}

/** Topics that cause loyalty's events: copied before them. */
export const CAUSING_TOPICS = [TOPICS.promises, TOPICS.compensations, TOPICS.signals] as const;
