import { LETTER_TYPE, partitionOf, type LetterData } from '#libs/contracts';
import { eventIn, type SourceRecord } from './copied-topics.js';

/**
 * Old and new partitions that have keys in common. A key's hash is `h`: it was in `h mod from` and will be in `h mod to`,
 * so both are the same modulo the greatest common divisor, and nothing crosses from one such group to another.
 */
export interface PartitionGroup {
  readonly sources: readonly number[];
  readonly targets: readonly number[];
}

export function groupsOf(from: number, to: number): PartitionGroup[] {
  const divisor = greatestCommonDivisor(from, to);
  const members = (count: number, rest: number): number[] =>
    Array.from({ length: count / divisor }, (_, i) => i * divisor + rest);
  return Array.from({ length: divisor }, (_, rest) => ({ sources: members(from, rest), targets: members(to, rest) }));
}

/** Where records go. */
export class Routes {
  private readonly divisor: number;

  /** @param keyOfLetter Kafka keys of the records that have letters, by the letter's id */
  constructor(
    private readonly from: number,
    private readonly to: number,
    private readonly keyOfLetter: ReadonlyMap<string, string>,
  ) {
    this.divisor = greatestCommonDivisor(from, to);
  }

  /** The new partition of a record that belongs to its key. */
  targetOf(record: SourceRecord): number {
    const key = record.key?.toString('utf8') ?? null;
    if (key === null) return this.besideKeys(record.partition);
    // The word about a decided letter stands where the letter's own key waits.
    const named = key === LETTER_TYPE ? this.keyOfLetter.get(letterIn(record) ?? '') : key;
    if (named === undefined || partitionOf(named, this.from) !== record.partition)
      return this.besideKeys(record.partition);
    return partitionOf(named, this.to);
  }

  /** Who puts a record elsewhere than its key says has readers that do not ask where it stands. */
  private besideKeys(partition: number): number {
    return partition < this.to ? partition : partition % this.divisor;
  }
}

function letterIn(record: SourceRecord): string | undefined {
  return (eventIn(record)?.data as Partial<LetterData> | undefined)?.id;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
