import {
  DEAD_LETTER_TYPE,
  PROMISE_EVENT_PREFIX,
  TOPICS,
  type LineEventData,
  type PromiseEventData,
  type RemedyKind,
} from '#libs/contracts';
import { POINTS_CURRENCY } from '#libs/kernel';

export interface PromiseCounts {
  opened: number;
  kept: number;
  breached: number;
  completedLate: number;
  excused: number;
  cancelled: number;
  open: number;
  retracted: number;
}

export interface CompensationTotal {
  readonly guarantee: string;
  readonly kind: RemedyKind;
  readonly currency: string | null;
  count: number;
  amountMinor: number;
}

/** `replay --report` JSON; its form is public (docs/contracts). */
export interface ReplayReport {
  readonly events: number;
  readonly promises: Readonly<Record<string, PromiseCounts>>;
  readonly compensations: readonly CompensationTotal[];
  readonly ledger: { readonly balanced: boolean; readonly entries: number };
  readonly deadLetters: number;
  readonly elapsedMs: number;
}

interface PromiseSeen {
  sequence: number;
  guarantee: string;
  verdict: PromiseEventData['verdict'];
  completed: boolean;
  announcedBreach: boolean;
}

interface LineSeen {
  guarantee: string;
  kind: RemedyKind;
  currency: string | null;
  amountMinor: number;
  cancelled: boolean;
}

/** Counts promises and money from what the topics say; indifferent to repetition and to the order of partitions. */
export class ReportBuilder {
  private readonly promises = new Map<string, PromiseSeen>();
  private readonly lines = new Map<string, LineSeen>();
  private readonly letters = new Set<string>();

  add(topic: string, event: { readonly id: string; readonly type: string; readonly data: unknown }): void {
    if (topic === TOPICS.promises && event.type.startsWith(PROMISE_EVENT_PREFIX))
      this.addPromise(event.data as PromiseEventData);
    else if (topic === TOPICS.compensations) this.addLine(event.type, event.data as LineEventData);
    else if (event.type === DEAD_LETTER_TYPE) this.letters.add(event.id);
  }

  build(rest: Pick<ReplayReport, 'events' | 'ledger' | 'elapsedMs'>): ReplayReport {
    return {
      events: rest.events,
      promises: this.promiseCounts(),
      compensations: this.compensationTotals(),
      ledger: rest.ledger,
      deadLetters: this.letters.size,
      elapsedMs: rest.elapsedMs,
    };
  }

  private addPromise(data: PromiseEventData): void {
    const seen = this.promises.get(data.promiseId);
    const announcedBreach = (seen?.announcedBreach ?? false) || data.verdict === 'breached';
    if (seen && seen.sequence >= data.sequence) {
      seen.announcedBreach = announcedBreach;
      return;
    }
    this.promises.set(data.promiseId, {
      sequence: data.sequence,
      guarantee: data.guarantee,
      verdict: data.verdict,
      completed: data.completedAt !== undefined,
      announcedBreach,
    });
  }

  private addLine(type: string, data: LineEventData): void {
    const [, kind, action] = type.split('.') as [string, RemedyKind, string];
    if (action !== 'requested' && action !== 'cancelled') return;
    const seen = this.lines.get(data.lineId);
    this.lines.set(data.lineId, {
      guarantee: data.guarantee,
      kind,
      currency: data.amount?.currency ?? (data.points === undefined ? null : POINTS_CURRENCY),
      amountMinor: data.amount?.amountMinor ?? data.points ?? 0,
      cancelled: (seen?.cancelled ?? false) || action === 'cancelled',
    });
  }

  private promiseCounts(): Record<string, PromiseCounts> {
    const counts: Record<string, PromiseCounts> = {};
    for (const promise of this.promises.values()) {
      const of = (counts[promise.guarantee] ??= {
        opened: 0,
        kept: 0,
        breached: 0,
        completedLate: 0,
        excused: 0,
        cancelled: 0,
        open: 0,
        retracted: 0,
      });
      of.opened += 1;
      of[promise.verdict ?? 'open'] += 1;
      if (promise.verdict === 'breached' && promise.completed) of.completedLate += 1;
      if (promise.announcedBreach && promise.verdict !== 'breached') of.retracted += 1;
    }
    return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private compensationTotals(): CompensationTotal[] {
    const totals = new Map<string, CompensationTotal>();
    for (const { guarantee, kind, currency, amountMinor, cancelled } of this.lines.values()) {
      if (cancelled) continue;
      const key = JSON.stringify([guarantee, kind, currency]);
      const total = totals.get(key) ?? { guarantee, kind, currency, count: 0, amountMinor: 0 };
      total.count += 1;
      total.amountMinor += amountMinor;
      totals.set(key, total);
    }
    return [...totals.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, total]) => total);
  }
}
