import { MAX_INSTANT_MS, MIN_INSTANT_MS } from '#libs/kernel';
import type { DayNumber } from './working-calendar.js';

const DAY_MS = 86_400_000;
const BLOCK_DAYS = 256;
const FIRST_DAY = MIN_INSTANT_MS / DAY_MS - 1;
const LAST_DAY = Math.floor(MAX_INSTANT_MS / DAY_MS) + 1;

/** Business days counted by blocks, each computed when first asked for. */
export class OpenDays {
  private readonly blocks = new Map<number, readonly DayNumber[]>();

  constructor(private readonly isOpen: (day: DayNumber) => boolean) {}

  /** See `WorkingCalendar.addOpenDays`. */
  add(day: DayNumber, n: number): DayNumber | null {
    return n < 0 ? this.before(day, -n) : n === 0 ? this.after(day - 1, 1) : this.after(day, n);
  }

  private after(day: DayNumber, n: number): DayNumber | null {
    let index = Math.floor(day / BLOCK_DAYS);
    let position = this.block(index).filter((open) => open <= day).length + n - 1;
    while (position >= this.block(index).length) {
      position -= this.block(index).length;
      if (++index * BLOCK_DAYS > LAST_DAY) return null;
    }
    return inRange(this.block(index)[position] as DayNumber);
  }

  private before(day: DayNumber, n: number): DayNumber | null {
    let index = Math.floor(day / BLOCK_DAYS);
    let position = this.block(index).filter((open) => open < day).length - n;
    while (position < 0) {
      if (index-- * BLOCK_DAYS < FIRST_DAY) return null;
      position += this.block(index).length;
    }
    return inRange(this.block(index)[position] as DayNumber);
  }

  private block(index: number): readonly DayNumber[] {
    const known = this.blocks.get(index);
    if (known !== undefined) return known;
    const days = Array.from({ length: BLOCK_DAYS }, (_, i) => index * BLOCK_DAYS + i).filter(this.isOpen);
    this.blocks.set(index, days);
    return days;
  }
}

function inRange(day: DayNumber): DayNumber | null {
  return day < FIRST_DAY || day > LAST_DAY ? null : day;
}
