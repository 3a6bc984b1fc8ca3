/**
 * Bounds what a process has in hand, whatever the number of partitions: few large batches or many small ones. Large
 * transactions write a subject once that changed several times in them; together they must not fill the memory.
 */
export class Room {
  private batches = 0;
  private records = 0;
  private readonly waiting: { readonly records: number; readonly enter: () => void }[] = [];

  constructor(private readonly max: { readonly batches: number; readonly records: number }) {}

  /**
   * Waits for its turn, in order of asking: a large batch is not overtaken for ever by small ones.
   * @returns what gives the room back. More than there is at all enters when nobody else is in.
   */
  async enter(records: number): Promise<() => void> {
    if (this.waiting.length > 0 || !this.fits(records))
      await new Promise<void>((enter) => this.waiting.push({ records, enter }));
    else this.take(records);
    return () => this.leave(records);
  }

  private fits(records: number): boolean {
    return this.batches === 0 || (this.batches < this.max.batches && this.records + records <= this.max.records);
  }

  private take(records: number): void {
    this.batches += 1;
    this.records += records;
  }

  private leave(records: number): void {
    this.batches -= 1;
    this.records -= records;
    for (let next = this.waiting[0]; next && this.fits(next.records); next = this.waiting[0]) {
      this.waiting.shift();
      this.take(next.records);
      next.enter();
    }
  }
}
