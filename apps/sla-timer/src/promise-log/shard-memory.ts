import type { SubjectState } from '#libs/promise-engine';
import type { ShardClock } from '#libs/shard-log';

/** A document takes about six times its text as objects (1,900 bytes for 308 characters): 50 MB in all. */
const CHARS_MAX = 8 * 1024 * 1024;

/** What is known of a shard's clock, terms and timers. */
export interface ShardPosition {
  readonly clock: ShardClock;
  readonly setHash: string | null;
  /** Rises with each change of disruptions and silences. */
  readonly termsVersion: number;
  /** Everything that was to wake before this instant has fired; null: not known. */
  readonly firedBeforeMs: number | null;
}

/** A subject as a transaction leaves it; null: gone, or no longer known here. */
export type Remembered = { readonly state: SubjectState; readonly chars: number } | null;

/**
 * What a shard's owner still knows from the transactions that it has committed: the fence lets nobody else write the
 * shard while its claim holds, so this is what the database would say. It is forgotten with the claim, grows by commits
 * only (a rollback leaves no trace), and is bounded by the length of its documents.
 */
export class ShardMemory {
  position: ShardPosition | null = null;
  /** Builds of guarantees, and ids of words, that lie in the database. */
  readonly written = new Set<string>();
  private readonly subjects = new Map<string, NonNullable<Remembered>>();
  private chars = 0;

  constructor(private readonly charsMax: number) {}

  has(subject: string): boolean {
    return this.subjects.has(subject);
  }

  get(subject: string): SubjectState | null {
    return this.subjects.get(subject)?.state ?? null;
  }

  /** Takes in what a transaction has committed. The subjects written longest ago make room. */
  commit(position: ShardPosition, news: ReadonlyMap<string, Remembered>, written: Iterable<string> = []): void {
    this.position = position;
    for (const what of written) this.written.add(what);
    for (const [subject, after] of news) {
      this.drop(subject);
      if (after === null) continue;
      this.subjects.set(subject, after);
      this.chars += after.chars;
    }
    for (const subject of this.subjects.keys()) {
      if (this.chars <= this.charsMax) return;
      this.drop(subject);
    }
  }

  private drop(subject: string): void {
    this.chars -= this.subjects.get(subject)?.chars ?? 0;
    this.subjects.delete(subject);
  }
}

/** The memories of all shards of a process, each with its share of the room. */
export class ShardMemories {
  private readonly memories = new Map<number, ShardMemory>();

  constructor(private readonly shardCount: number) {}

  of(shard: number): ShardMemory {
    let memory = this.memories.get(shard);
    if (!memory) this.memories.set(shard, (memory = new ShardMemory(CHARS_MAX / this.shardCount)));
    return memory;
  }

  forget(shard: number): void {
    this.memories.delete(shard);
  }
}
