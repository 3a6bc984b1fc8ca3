import type { Announcement, Transfer } from '../entitlement/draft.js';
import type { Entitlement } from '../entitlement/entitlement.js';
import type { Line } from '../entitlement/line.js';
import type { Decision } from '../entitlement/settle-entitlement.js';

/** An event to tell, with the promise as it was when that was decided. */
export interface Told {
  readonly owner: Entitlement;
  readonly announcement: Announcement;
}

/** A transfer with the guarantee whose expense it is. */
export interface Booked {
  readonly guarantee: string;
  readonly transfer: Transfer;
}

export interface OwnedLine {
  readonly owner: Entitlement;
  readonly line: Line;
}

/** What is to be written: rows that are new, and rows that were read. */
export interface Changed<Row> {
  readonly fresh: readonly Row[];
  readonly known: readonly Row[];
}

/**
 * The entitlements of one transaction, read behind their locks: decisions change them here, in order, and are written
 * together at the end. Never kept beyond the transaction.
 */
export class Books {
  readonly told: Told[] = [];
  readonly booked: Booked[] = [];
  private readonly current = new Map<string, Entitlement>();
  private readonly changedPromises = new Set<string>();
  private readonly promisesThatWake = new Set<string>();
  private readonly promisesByApologyDay = new Map<string, Set<string>>();
  private readonly promisesBySubject = new Map<string, Set<string>>();

  constructor(private readonly loaded: ReadonlyMap<string, Entitlement>) {
    for (const entitlement of loaded.values()) {
      this.current.set(entitlement.promiseId, entitlement);
      this.index(entitlement);
    }
  }

  find(promiseId: string): Entitlement | null {
    return this.current.get(promiseId) ?? null;
  }

  all(): Entitlement[] {
    return [...this.current.values()];
  }

  /** Other promises about the same subject. */
  siblingsOf({ promiseId, promise }: Entitlement): Entitlement[] {
    const promiseIds = this.promisesBySubject.get(promise.subject) ?? [];
    return [...promiseIds].filter((id) => id !== promiseId).map((id) => this.current.get(id) as Entitlement);
  }

  /** Other promises of the same group under the same guarantee. */
  groupOf({ promiseId, promise }: Entitlement): Entitlement[] {
    if (promise.group === undefined) return [];
    const isInIt = (other: Entitlement): boolean =>
      other.promiseId !== promiseId &&
      other.promise.group === promise.group &&
      other.promise.guarantee === promise.guarantee;
    return this.all().filter(isInIt);
  }

  /** Takes over a decision about a promise; `entitlement` is the promise as it was decided upon. */
  take(entitlement: Entitlement, decision: Decision): void {
    const next = { ...entitlement, lines: decision.lines };
    this.current.set(next.promiseId, next);
    this.changedPromises.add(next.promiseId);
    this.index(next);
    for (const announcement of decision.announcements) this.told.push({ owner: entitlement, announcement });
    for (const transfer of decision.transfers) this.booked.push({ guarantee: entitlement.promise.guarantee, transfer });
  }

  /** Takes over what is known of a promise, of which no line changes. */
  note(entitlement: Entitlement): void {
    this.take(entitlement, { lines: entitlement.lines, announcements: [], transfers: [] });
  }

  /** Every apology of an addressee's day among the promises read. */
  apologiesOf(apologyDay: string): { promiseId: string; line: Line }[] {
    const promiseIds = this.promisesByApologyDay.get(apologyDay) ?? [];
    return [...promiseIds].flatMap((promiseId) =>
      (this.current.get(promiseId)?.lines ?? [])
        .filter((line) => line.apologyDay === apologyDay)
        .map((line) => ({ promiseId, line })),
    );
  }

  /** Entitlements that are new, and those of which more than lines has changed. */
  changedEntitlements(): Changed<Entitlement> {
    const fresh: Entitlement[] = [];
    const known: Entitlement[] = [];
    for (const promiseId of this.changedPromises) {
      const now = this.current.get(promiseId) as Entitlement;
      const before = this.loaded.get(promiseId);
      if (!before) fresh.push(now);
      else if (!hasSameTerms(before, now)) known.push(now);
    }
    return { fresh, known };
  }

  /** Lines that are new, and those that are no longer as they were read. */
  changedLines(): Changed<OwnedLine> {
    const fresh: OwnedLine[] = [];
    const known: OwnedLine[] = [];
    for (const promiseId of this.changedPromises) {
      const owner = this.current.get(promiseId) as Entitlement;
      const before = this.loaded.get(promiseId)?.lines ?? [];
      for (const line of owner.lines) {
        if (before.includes(line)) continue;
        const isKnown = before.some(({ lineId }) => lineId === line.lineId);
        (isKnown ? known : fresh).push({ owner, line });
      }
    }
    return { fresh, known };
  }

  /** Lines that time alone moves on, by promise, as far as the log's time has come. */
  dueBy(atMs: number): { promiseId: string; lineId: string }[] {
    const due: { promiseId: string; lineId: string; wakeAtMs: number }[] = [];
    for (const promiseId of this.promisesThatWake) {
      for (const { lineId, wakeAtMs } of this.current.get(promiseId)?.lines ?? []) {
        if (wakeAtMs !== null && wakeAtMs <= atMs) due.push({ promiseId, lineId, wakeAtMs });
      }
    }
    return due.sort((a, b) => a.wakeAtMs - b.wakeAtMs || (a.lineId < b.lineId ? -1 : 1));
  }

  private index({ promiseId, promise, lines }: Entitlement): void {
    if (lines.some(({ wakeAtMs }) => wakeAtMs !== null)) this.promisesThatWake.add(promiseId);
    note(this.promisesBySubject, promise.subject, promiseId);
    for (const { apologyDay } of lines) if (apologyDay !== null) note(this.promisesByApologyDay, apologyDay, promiseId);
  }
}

function hasSameTerms(before: Entitlement, now: Entitlement): boolean {
  const names = ['sequence', 'contentHash', 'owed', 'verdict', 'counted'] as const;
  return names.every((name) => now[name] === before[name]);
}

function note(index: Map<string, Set<string>>, key: string, promiseId: string): void {
  const known = index.get(key);
  if (known) known.add(promiseId);
  else index.set(key, new Set([promiseId]));
}
