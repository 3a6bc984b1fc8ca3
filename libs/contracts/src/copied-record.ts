/** Headers that `makegood shard copy` gives to records of a log that had another number of shards. */
export const COPIED_AT = 'makegood-copied-at';
export const COPIED_FROM = 'makegood-copied-from';

type Headers = Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;

/** On ticks and commands of `makegood.events.v1`: what was known of time where they stood. In milliseconds. */
export interface CopiedAt {
  /** On a tick: shard time after it. */
  readonly shardTimeMs?: number;
  /** On a tick: until when shard time stood still there. */
  readonly heldUntilMs?: number;
  /** By former shard, the shard time at which this record was applied there. A subject was in `partitionOf(subject, length)`. */
  readonly timesMs?: readonly number[];
  /** On a tick that changes who is silent, by former shard: its instant there. */
  readonly ticksMs?: readonly number[];
  /** And from when the sources that it names first count as silent: right after the tick before. */
  readonly silentFromMs?: readonly number[];
}

/** On a record that has a dead letter: where it stood, which is what the letter's id follows from. */
export interface CopiedFrom {
  readonly partition: number;
  readonly offset: number;
}

/** null: the record was not copied, or carries no time. */
export function copiedAtOf(headers: Headers | undefined): CopiedAt | null {
  return memberOf<CopiedAt>(headers, COPIED_AT);
}

/** null: the record was not copied, or has no letter. */
export function copiedFromOf(headers: Headers | undefined): CopiedFrom | null {
  return memberOf<CopiedFrom>(headers, COPIED_FROM);
}

function memberOf<T>(headers: Headers | undefined, name: string): T | null {
  const text = headers?.[name];
  return text === undefined ? null : (JSON.parse(String(text)) as T);
}
