/** One piece of work at a time, in the order of asking; one that fails stops none behind it. */
export class Turns {
  private tail: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.tail.then(work);
    this.tail = result.catch(() => undefined);
    return result;
  }

  /** Resolves when everything asked for so far is over. */
  async over(): Promise<void> {
    await this.tail;
  }
}
