import { CONTROL_TYPES, LETTER_TYPE, TICK_TYPE, TOPICS, type CloudEvent } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import { Random } from '../seeded/random.js';

/** One record in so many. */
const EVERY = 70;
/** What comes from outside is refused for what it says; and who writes letters reads them. */
const NOT_OURS: ReadonlySet<string> = new Set([TOPICS.ingress, TOPICS.deadLetters]);
const SPARED: ReadonlySet<string> = new Set([TICK_TYPE, LETTER_TYPE, ...Object.values(CONTROL_TYPES)]);

/**
 * A defect of each service: some records cannot be processed, whoever tries and how often. Which ones follows from their
 * ids, so that a repetition fails as well. It is mended for each of them when its dead letter is decided: a fact comes
 * again with its receipt (`receivedat`), what a key waits behind is taken as it was.
 */
export class Defects {
  private readonly mended = new Set<string>();

  /** @param salt another one, other records */
  constructor(
    readonly exist: boolean,
    private readonly salt = 0,
  ) {}

  isPoison({ topic, value }: Pick<LogRecord, 'topic' | 'value'>): boolean {
    if (!this.exist || NOT_OURS.has(topic)) return false;
    const text = value.toString();
    const { id, source, type, receivedat } = JSON.parse(text) as CloudEvent;
    if (SPARED.has(type) || receivedat !== undefined) return false;
    return new Random(this.salt, `${topic} ${source} ${id}`).chance(1 / EVERY);
  }

  /** @throws Error where one of the records is poison that nobody has mended */
  meet(records: readonly LogRecord[]): void {
    for (const record of records)
      if (this.isPoison(record) && !this.mended.has(record.value.toString()))
        throw new Error(`${DEFECT} at ${record.topic}/${record.partition}/${record.offset}`);
  }

  mend(original: string): void {
    this.mended.add(original);
  }
}

export const DEFECT = 'a defect of ours';
export const NO_DEFECTS = new Defects(false);

/** Letters that follow from a defect, not from what the event says. */
export function isOfDefect(letter: { readonly reason: string; readonly topic: string }): boolean {
  return letter.reason === 'PROCESSING_FAILED' && letter.topic !== TOPICS.ingress;
}
