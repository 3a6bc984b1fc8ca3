/**
 * Bounds how many records a process has in hand, whatever the number of shards: few large batches or many small ones.
 * Large transactions write a subject once that changed several times in them; together they must not fill the memory.
 */
export class Room {
  private taken = 0;
  private readonly waiting: { readonly count: number; readonly enter: () => void }[] = [];

  constructor(private readonly max: number) {}

  /**
   * Waits for its turn, in order of asking: a large batch is not overtaken for ever by small ones.
   * @returns what gives the room back. More than there is at all enters when nobody else is in.
   */
  async enter(count: number): Promise<() => void> {
    if (this.waiting.length > 0 || !this.fits(count))
      await new Promise<void>((enter) => this.waiting.push({ count, enter }));
    else this.taken += count;
    return () => this.leave(count);
  }

  private fits(count: number): boolean {
    return this.taken === 0 || this.taken + count <= this.max;
  }

  private leave(count: number): void {
    this.taken -= count;
    for (let next = this.waiting[0]; next && this.fits(next.count); next = this.waiting[0]) {
      this.waiting.shift();
      this.taken += next.count;
      next.enter();
    }
  }
}
