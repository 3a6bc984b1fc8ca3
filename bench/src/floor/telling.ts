import type { ScorerConfig } from './config.js';

/** Spreads so many events of each kind evenly over so many causes. */
export class Telling {
  private cause = 0;

  constructor(
    private readonly causes: number,
    private readonly tells: ScorerConfig['tells'],
  ) {}

  /** What is told of the next cause. */
  next(): { readonly kind: string; readonly bytes: number }[] {
    const before = this.cause;
    this.cause += 1;
    return Object.entries(this.tells).flatMap(([kind, { count, bytes }]) => {
      const upTo = (cause: number): number => Math.floor((cause * count) / this.causes);
      return Array.from({ length: upTo(this.cause) - upTo(before) }, () => ({ kind, bytes }));
    });
  }
}
