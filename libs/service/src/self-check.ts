import type { Clock } from '#libs/kernel';
import { counter, gauge } from '#libs/observability';
import type { ShardLog } from '#libs/shard-log';

/** One thing that is not what it is computed from. */
export interface Finding {
  /** What was compared, such as `verdict-from-facts`. */
  readonly check: string;
  /** Of the row: a promise, a line, an account. */
  readonly id: string;
  readonly found: string;
  readonly expected: string;
  /** What shows more of it. */
  readonly lookAt: string;
}

export interface CheckedPage {
  /** Rows looked at. */
  readonly checked: number;
  readonly findings: readonly Finding[];
  /** Where the next page begins; null: this was the last. */
  readonly next: string | null;
}

/** Compares a part of what a service has decided with what it is computed from. It changes nothing. */
export interface SelfCheck {
  /** @param cursor '' for the first page. @param isMine whether a shard is to be looked at */
  page(cursor: string, limit: number, isMine: (shard: number) => boolean): Promise<CheckedPage>;
}

/** First of a page's statements: documents, rows and terms as of one moment, whatever is decided meanwhile. */
export const AS_OF_ONE_MOMENT = 'set transaction isolation level repeatable read';

/** For the app's own module, beside its SelfCheck. */
export const SELF_CHECK = Symbol('SelfCheck');

const SAMPLE_EVERY_MS = 10_000;
const SAMPLE_ROWS = 100;
const NIGHTLY_ROWS = 500;
const NIGHTLY_PAUSE_MS = 50;
const DAY_MS = 86_400_000;
const LOGGED_MAX = 20;

const checked = counter('makegood_self_checked_total', 'Rows compared with what they are computed from');
const disagreements = gauge(
  'makegood_self_check_disagreements',
  'Rows of the last pass that are not what they are computed from: anything but zero is an alarm',
  ['check'],
);

interface Log {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/**
 * Checks a sample of the instance's own shards all the time, page after page and round again, and all of them each night
 * (UTC). It only reads, so it needs no log and no fence: what it finds is a metric, an alarm and a line in the log.
 */
export class SelfCheckRunner {
  private readonly abort = new AbortController();
  private cursor = '';
  private lastDay: number;
  /** Of the pass under way, and of the last one that came to its end, by check. */
  private found = new Map<string, number>();
  private before = new Map<string, number>();

  constructor(
    private readonly check: SelfCheck,
    private readonly shardLog: Pick<ShardLog, 'ownedShards'>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.lastDay = dayOf(clock.nowMs());
  }

  start(): void {
    void (async () => {
      while (!this.abort.signal.aborted) {
        await this.clock.sleep(SAMPLE_EVERY_MS, this.abort.signal).catch(() => undefined);
        if (!this.abort.signal.aborted) await this.turn().catch((error: Error) => this.failed(error));
      }
    })();
  }

  onModuleDestroy(): void {
    this.abort.abort();
  }

  /** One page; after midnight all of them. */
  async turn(): Promise<void> {
    const day = dayOf(this.clock.nowMs());
    if (day === this.lastDay) return this.next(SAMPLE_ROWS);
    this.lastDay = day;
    this.begin();
    do {
      await this.next(NIGHTLY_ROWS);
      await this.clock.sleep(NIGHTLY_PAUSE_MS);
    } while (this.cursor !== '' && !this.abort.signal.aborted);
  }

  private async next(rows: number): Promise<void> {
    const owned = new Set(this.shardLog.ownedShards());
    const page = await this.check.page(this.cursor, rows, (shard) => owned.has(shard));
    checked.inc(page.checked);
    for (const { check } of page.findings) this.found.set(check, (this.found.get(check) ?? 0) + 1);
    for (const finding of page.findings.slice(0, LOGGED_MAX))
      this.log.error({ code: 'SELF_CHECK_DISAGREES', ...finding }, 'not what it is computed from');
    this.show();
    if (page.next === null) this.begin();
    else this.cursor = page.next;
  }

  /** A pass has come to its end, or is left for one over everything. */
  private begin(): void {
    if (this.cursor !== '' || this.found.size > 0) this.before = this.found;
    this.found = new Map();
    this.cursor = '';
    this.show();
  }

  private show(): void {
    disagreements.reset();
    for (const check of new Set([...this.before.keys(), ...this.found.keys()]))
      disagreements.set({ check }, Math.max(this.before.get(check) ?? 0, this.found.get(check) ?? 0));
  }

  private failed(error: Error): void {
    this.log.warn({ error: error.message }, 'the self-check goes on at its next turn');
  }
}

function dayOf(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS);
}
