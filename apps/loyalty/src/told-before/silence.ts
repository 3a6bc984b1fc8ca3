import type { InstantMs } from '#libs/kernel';
import { isAwaited, TICK, withoutContent, withRead, type Place, type ToldBefore } from './told-before.js';

/** Whether a customer may be spoken of, or is still being read again by a database that was put back. */
export class Silence {
  private told: ToldBefore | null;

  constructor(private readonly stored: ToldBefore | null) {
    this.told = stored;
  }

  get holds(): boolean {
    return this.told !== null;
  }

  /** Ends it where what stands at `place` comes after all that was waited for; answers what is to be taken for told. */
  endBefore({ from, offset }: Place): ToldBefore | null {
    if (this.told === null) return null;
    const told = withRead(this.told, { from, offset: offset - 1 });
    if (isAwaited(told)) return null;
    this.told = null;
    return told;
  }

  /** Nothing will ever be said of the customer again. */
  end(): void {
    this.told = null;
  }

  /** What stands at `place` has been read. @returns when to look at the customer next; null: when news have come */
  hear(place: Place): InstantMs | null {
    if (this.told === null) return null;
    this.told = withRead(this.told, place);
    const { awaited, seenAtMs } = this.told;
    if (Object.keys(awaited).some((from) => from !== TICK)) return null;
    return TICK in awaited ? seenAtMs : 0; // with nothing to wait for the next look says what is left to say
  }

  /** What is to be stored of it: null nothing any more; undefined: as it was. */
  get changed(): ToldBefore | null | undefined {
    return this.told === this.stored ? undefined : this.told;
  }

  /** Of an erased customer what is to be read again, and nothing else. */
  get ofErased(): ToldBefore | null {
    return this.told && withoutContent(this.told);
  }
}
