/** So old an unread record of ingress holds the ticks: a fact must not be overtaken by the time that judges it. */
export const UNREAD_MS_MAX = 1_000;

interface Sample {
  readonly atMs: number;
  /** Log end of each partition. */
  readonly ends: readonly number[];
}

/**
 * Whether a record of ingress older than a second may be unread, from samples of the log's ends. Taken is the oldest
 * sample not older than a second: it holds every record that is. The first samples are those of the start, so that
 * nothing ticks before what was there has been read.
 */
export class IngressLag {
  private samples: Sample[] = [];

  sample(atMs: number, ends: readonly number[]): void {
    this.samples = [
      ...this.samples.filter((sample) => atMs - sample.atMs <= UNREAD_MS_MAX && sample.atMs <= atMs),
      { atMs, ends },
    ];
  }

  /** @param nexts the next offset to be read of each partition, read after the last sample. */
  isLate(nexts: readonly number[]): boolean {
    const [oldest] = this.samples;
    return oldest === undefined || oldest.ends.some((end, partition) => (nexts[partition] ?? 0) < end);
  }

  /** Records unread as of the last sample. */
  recordsUnread(nexts: readonly number[]): number {
    const ends = this.samples.at(-1)?.ends ?? [];
    return ends.reduce((sum, end, partition) => sum + Math.max(0, end - (nexts[partition] ?? 0)), 0);
  }
}
