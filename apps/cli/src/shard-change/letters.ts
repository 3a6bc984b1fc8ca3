import { DEAD_LETTER_TYPE, type CopiedFrom, type DeadLetterEvent } from '#libs/contracts';
import { eventIn, type CopiedRecord, type SourceRecord } from './copied-topics.js';

/**
 * Which records of the old log have dead letters. A letter's id follows from its record's place, and that changes: the record
 * carries where it stood, and the letter says where it stands now, so that a decision about it finds the key that waits.
 */
export class Letters {
  /** Kafka key of the record that has the letter, by the letter's id. */
  readonly keyOf = new Map<string, string>();
  /** By `topic/old partition/old offset`; null: not copied (yet). */
  private readonly places = new Map<string, CopiedFrom | null>();

  /** A record of the old `makegood.dlq.v1`. */
  hear(record: SourceRecord): void {
    const event = letterIn(record);
    if (event === null) return;
    this.places.set(placeOf(event.data), null);
    this.keyOf.set(event.id, event.subject);
  }

  has(topic: string, { partition, offset }: CopiedFrom): boolean {
    return this.places.has(placeOf({ topic, partition, offset }));
  }

  note(topic: string, { partition, from }: CopiedRecord, offset: number): void {
    const [old] = from;
    if (old && this.has(topic, old)) this.places.set(placeOf({ topic, ...old }), { partition, offset });
  }

  /** The letter with the new place of its record; as it was where that was not copied. */
  moved(record: CopiedRecord): CopiedRecord {
    const event = letterIn(record);
    const place = event && this.places.get(placeOf(event.data));
    if (!event || !place) return record;
    const data = { ...event.data, partition: place.partition, offset: String(place.offset) };
    return { ...record, value: Buffer.from(JSON.stringify({ ...event, data })) };
  }
}

function letterIn(record: Pick<SourceRecord, 'value'>): DeadLetterEvent | null {
  const event = eventIn(record);
  return event?.type === DEAD_LETTER_TYPE ? (event as unknown as DeadLetterEvent) : null;
}

function placeOf(place: {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number | string;
}): string {
  return `${place.topic}/${place.partition}/${place.offset}`;
}
