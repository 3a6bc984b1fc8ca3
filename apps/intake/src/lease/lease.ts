import type { Clock } from '#libs/kernel';
import type { Database } from '#libs/persistence';

const POLL_MS = 250;
/** A holder whose beat stood still for so many readings is gone: 3.5 s, counted, so that no clock is compared. */
const STALE_READINGS = 14;
const BEAT_MS = 500;
/** A holder that could not beat for so long no longer believes itself; shorter than what others wait. */
const BELIEF_MS = 2_500;
/** Work that stands still for so long gives the lease away. */
const PROGRESS_MS_MAX = 45_000;

const READ = 'select holder, epoch, beat from lease where name = $1';
const TAKE = `
insert into lease (name, holder, epoch, beat) values ($1, $2, 1, 0)
on conflict (name) do update set holder = excluded.holder, epoch = lease.epoch + 1, beat = 0
where lease.epoch = $3 and lease.beat = $4
returning epoch`;
const BEAT = 'update lease set beat = beat + 1 where name = $1 and holder = $2 and epoch = $3 returning beat';
const RELEASE = 'update lease set holder = null, beat = beat + 1 where name = $1 and holder = $2 and epoch = $3';

/** One reign of the holder. */
export interface LeaseTerm {
  readonly epoch: number;
  /** Ask before each act. */
  isHeld(): boolean;
  /** Says that work goes on; a holder that does nothing for 45 s loses the lease. */
  progressed(): void;
}

/**
 * One of several instances does the work: it beats in a row of the database; when the beat stands still another takes
 * over, within 5 s of kill -9. The old holder, should it come back, finds the epoch changed and stops.
 */
export class Lease {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly name: string,
    private readonly me: string,
  ) {}

  /** Waits for the lease, works while it is held, waits again; until `signal` aborts. Never rejects. */
  async serve(
    work: (term: LeaseTerm) => Promise<void>,
    signal: AbortSignal,
    onError: (error: Error) => void,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        const epoch = await this.acquire(signal);
        if (epoch !== null) await this.reign(epoch, work, signal);
      } catch (error) {
        onError(error as Error);
        await this.clock.sleep(POLL_MS, signal);
      }
    }
  }

  private async acquire(signal: AbortSignal): Promise<number | null> {
    let seen = '';
    let readings = 0;
    while (!signal.aborted) {
      const [row] = await this.database.query<{ holder: string | null; epoch: number; beat: number }>(READ, [
        this.name,
      ]);
      const state = row ? `${row.epoch}/${row.beat}` : '';
      readings = state === seen ? readings + 1 : 0;
      seen = state;
      if (!row || row.holder === null || readings >= STALE_READINGS) {
        const [taken] = await this.database.query<{ epoch: number }>(TAKE, [
          this.name,
          this.me,
          row?.epoch ?? 0,
          row?.beat ?? 0,
        ]);
        if (taken) return taken.epoch;
      }
      await this.clock.sleep(POLL_MS, signal);
    }
    return null;
  }

  private async reign(epoch: number, work: (term: LeaseTerm) => Promise<void>, signal: AbortSignal): Promise<void> {
    const end = new AbortController();
    let beatAtMs = this.clock.nowMs();
    let progressAtMs = beatAtMs;
    const since = (atMs: number): number => Math.abs(this.clock.nowMs() - atMs);
    const beating = (async () => {
      while (!end.signal.aborted && !signal.aborted && since(progressAtMs) < PROGRESS_MS_MAX) {
        const startedAtMs = this.clock.nowMs();
        const beats = await this.database.query(BEAT, [this.name, this.me, epoch]).catch(() => null);
        if (beats?.length === 0) break;
        if (beats) beatAtMs = startedAtMs;
        await this.clock.sleep(BEAT_MS, end.signal);
      }
      end.abort();
    })();
    const term: LeaseTerm = {
      epoch,
      isHeld: () => !end.signal.aborted && !signal.aborted && since(beatAtMs) < BELIEF_MS,
      progressed: () => (progressAtMs = this.clock.nowMs()),
    };
    try {
      await work(term);
    } finally {
      end.abort();
      await beating;
      await this.database.query(RELEASE, [this.name, this.me, epoch]).catch(() => undefined);
    }
  }
}
