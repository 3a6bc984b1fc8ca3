import { ProblemError } from '#libs/kernel';

/** What a database says of a shard: its fence, and to which database it was moved or is being moved; null: it lives here. */
export interface ShardMark {
  readonly shard: number;
  readonly epoch: number;
  readonly movedTo: string | null;
}

/** The marks of one database by shard; null: it cannot be reached. */
export type Marks = ReadonlyMap<number, ShardMark> | null;

export interface ShardPlace {
  /** The database that has the shard's rows. */
  readonly name: string;
  /** They are being copied: nobody may write there, and not yet anywhere else. */
  readonly isMoving: boolean;
  /** False: the shard was never worked on, and begins where the settings put it. */
  readonly isKnown: boolean;
}

export const LOAD_MARKS = `select shard, epoch, moved_to as "movedTo" from shard`;

/**
 * Which shard lives in which database. The databases decide and not the settings: a move marks a shard at its old
 * database before it lives in another, so a row without a mark is proof, whatever else cannot be reached.
 */
export class Directory {
  /** @param declared where the settings put shards that nobody has worked on yet; others belong to `main` */
  constructor(
    private readonly marks: ReadonlyMap<string, Marks>,
    private readonly declared: ReadonlyMap<number, string>,
    private readonly main: string,
  ) {}

  /** @throws ProblemError, retryable: it cannot be told now */
  placeOf(shard: number): ShardPlace {
    const alive = this.livesIn(shard);
    if (alive.length > 1)
      throw notNow(
        'SHARD_IN_TWO_DATABASES',
        `shard ${shard} lives in one database → in ${alive.join(' and in ')}: one was put back to before a move`,
        `./makegood shard move ${shard} --to the one that is right`,
      );
    if (alive[0] !== undefined) return { name: alive[0], isMoving: false, isKnown: true };
    const unheard = [...this.marks].filter(([, marks]) => marks === null).map(([name]) => name);
    if (unheard.length > 0)
      throw notNow(
        'SHARD_OUT_OF_REACH',
        `shard ${shard} lives in none of the databases that answer; ${unheard.join(', ')} does not`,
        'bring it back; everything goes on by itself',
      );
    const source = this.lastOf(shard);
    if (source !== null) return { name: source, isMoving: true, isKnown: true };
    return { name: this.declared.get(shard) ?? this.main, isMoving: false, isKnown: false };
  }

  livesIn(shard: number): string[] {
    return [...this.marks].filter(([, marks]) => marks?.get(shard)?.movedTo === null).map(([name]) => name);
  }

  markIn(name: string, shard: number): ShardMark | null {
    return this.marks.get(name)?.get(shard) ?? null;
  }

  /** Shards of which this database has, or may have, rows that are not to be read there. */
  elsewhere(name: string): number[] {
    return [...(this.marks.get(name)?.keys() ?? [])].filter((shard) => this.placeOf(shard).name !== name);
  }

  /** The same for the same places. */
  get version(): string {
    const shards = new Set([...this.marks.values()].flatMap((marks) => [...(marks?.keys() ?? [])]));
    return [...shards]
      .sort((a, b) => a - b)
      .map((shard) => `${shard}=${this.placeOf(shard).name}`)
      .join(' ');
  }

  /** Where the shard was last, of those that say that it was moved: epochs only rise, and travel with it. */
  private lastOf(shard: number): string | null {
    let last: { name: string; epoch: number } | null = null;
    for (const [name, marks] of this.marks) {
      const mark = marks?.get(shard);
      if (mark && (last === null || mark.epoch > last.epoch)) last = { name, epoch: mark.epoch };
    }
    return last?.name ?? null;
  }
}

export function notNow(code: string, detail: string, advice: string): ProblemError {
  return new ProblemError({ code, detail, advice }, true);
}

export const BEING_MOVED = 'SHARD_BEING_MOVED';

/** Nobody may claim it: its rows are on their way, or in another database. */
export function beingMoved(shard: number, from: string): ProblemError {
  const advice = `it goes on by itself; after a crash: ./makegood shard move ${shard} --to the same database again`;
  return notNow(BEING_MOVED, `shard ${shard} is being moved out of database ${from}, or was`, advice);
}
