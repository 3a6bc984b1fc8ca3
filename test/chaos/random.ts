/** Chance that a seed decides: the same seed draws the same numbers on every machine. */
export class Random {
  private state: number;

  /** @param purpose keeps two uses of one seed apart. */
  constructor(seed: number, purpose: string) {
    this.state = seed >>> 0;
    for (const character of purpose) this.state = Math.imul(this.state ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }

  /** At least 0 and below 1 (mulberry32). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both possible. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** True in `share` of all cases (0 to 1). */
  chance(share: number): boolean {
    return this.next() < share;
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.whole(0, choices.length - 1)] as T;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    for (let i = left.length - 1; i > 0; i--) {
      const j = this.whole(0, i);
      [left[i], left[j]] = [left[j] as T, left[i] as T];
    }
    return left;
  }
}
