import { Inject, Injectable } from '@nestjs/common';
import { formatInstant, type Clock } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { CLOCK, DATABASE } from '#libs/service';
import { lettersOpen, oldestLetter } from '../metrics.js';

/** Letters of one service and reason that nobody has decided. */
export interface OpenReason {
  readonly service: string;
  readonly reason: string;
  readonly count: number;
  /** When the oldest of them was received. */
  readonly oldestAt: string;
  readonly ageSeconds: number;
}

export interface OpenLetters {
  readonly count: number;
  /** null: none is open. */
  readonly oldestAt: string | null;
  readonly ageSeconds: number;
  /** The most frequent first. */
  readonly byReason: readonly OpenReason[];
}

const COUNT_OPEN = `
select service, reason, count(*) as count, min(at_ms) as "oldestMs" from dead_letter where status = 'open'
group by service, reason order by count(*) desc, service, reason`;

/** How many letters wait for somebody, since when, and why: for the list, for `/health` and for Prometheus. */
@Injectable()
export class OpenLettersView {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async read(): Promise<OpenLetters> {
    const rows = await this.database.query<{ service: string; reason: string; count: number; oldestMs: number }>(
      COUNT_OPEN,
    );
    const nowMs = this.clock.nowMs();
    const ageSecondsOf = (atMs: number): number => Math.max(0, Math.floor((nowMs - atMs) / 1_000));
    const byReason = rows.map(({ service, reason, count, oldestMs }) => ({
      service,
      reason,
      count,
      oldestAt: formatInstant(oldestMs),
      ageSeconds: ageSecondsOf(oldestMs),
    }));
    const oldestMs = rows.length === 0 ? null : Math.min(...rows.map((row) => row.oldestMs));
    lettersOpen.reset();
    for (const { service, reason, count } of byReason) lettersOpen.set({ of: service, reason }, count);
    oldestLetter.set(oldestMs === null ? 0 : ageSecondsOf(oldestMs));
    return {
      count: byReason.reduce((sum, { count }) => sum + count, 0),
      oldestAt: oldestMs === null ? null : formatInstant(oldestMs),
      ageSeconds: oldestMs === null ? 0 : ageSecondsOf(oldestMs),
      byReason,
    };
  }
}
