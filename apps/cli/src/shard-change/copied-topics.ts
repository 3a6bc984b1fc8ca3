import { CONTROL_TYPES, RULES_TYPE, TICK_TYPE, TOPICS, type CloudEvent } from '#libs/contracts';

/** A record of the log that is copied, as it is. */
export interface SourceRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}

/** A record of the new log. */
export interface CopiedRecord extends Omit<SourceRecord, 'offset'> {
  /** Where it stood before: of what stood on every partition, in all of those that were merged. */
  readonly from: readonly Pick<SourceRecord, 'partition' | 'offset'>[];
}

const COMMANDS: ReadonlySet<string> = new Set(Object.values(CONTROL_TYPES));

/** Types of what stands on every partition of a topic, and is to stand on each of the new ones once. */
const EVERYWHERE: Readonly<Record<string, ReadonlySet<string>>> = {
  [TOPICS.events]: new Set([...COMMANDS, TICK_TYPE]),
  [TOPICS.settlements]: COMMANDS,
  [TOPICS.promises]: new Set([TICK_TYPE]),
  [TOPICS.signals]: new Set([RULES_TYPE]),
};

/**
 * The event of a record that stands on every partition of its topic; null: it belongs to its key alone.
 * A subject or customer may have such a key by chance: the type decides.
 */
export function everywhere(topic: string, record: SourceRecord): CloudEvent | null {
  const types = EVERYWHERE[topic];
  if (types === undefined || record.value === null) return null;
  // Types are long and few: a record that does not hold one of them need not be read.
  const text = record.value.toString('latin1');
  if (![...types].some((type) => text.includes(type))) return null;
  const event = eventIn(record);
  return event !== null && types.has(event.type) ? event : null;
}

export function eventIn({ value }: Pick<SourceRecord, 'value'>): CloudEvent | null {
  try {
    const event = JSON.parse(value?.toString('utf8') ?? '') as CloudEvent | null;
    return typeof event === 'object' && event !== null && typeof event.type === 'string' ? event : null;
  } catch {
    return null;
  }
}
