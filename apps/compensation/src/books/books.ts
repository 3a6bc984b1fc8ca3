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

/**
 * The entitlements of one transaction, read behind their locks: decisions change them here, in order, and are written
 * together at the end. Never kept beyond the transaction.
 */
export class Books {
  readonly told: Told[] = [];
  readonly booked: Booked[] = [];
  private readonly current = new Map<string, Entitlement>();
  private readonly changedPromises = new Set<string>();
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

  /** Every apology of an addressee's day among the promises read. */
  apologiesOf(apologyDay: string): { promiseId: string; line: Line }[] {
    const promiseIds = this.promisesByApologyDay.get(apologyDay) ?? [];
    return [...promiseIds].flatMap((promiseId) =>
      (this.current.get(promiseId)?.lines ?? [])
        .filter((line) => line.apologyDay === apologyDay)
        .map((line) => ({ promiseId, line })),
    );
  }

  changedEntitlements(): Entitlement[] {
    return [...this.changedPromises].map((promiseId) => this.current.get(promiseId) as Entitlement);
  }

  /** Lines that are new or no longer as they were read. */
  changedLines(): { promiseId: string; line: Line }[] {
    return this.changedEntitlements().flatMap(({ promiseId, lines }) => {
      const before = new Set(this.loaded.get(promiseId)?.lines);
      return lines.filter((line) => !before.has(line)).map((line) => ({ promiseId, line }));
    });
  }

  private index({ promiseId, promise, lines }: Entitlement): void {
    note(this.promisesBySubject, promise.subject, promiseId);
    for (const { apologyDay } of lines) if (apologyDay !== null) note(this.promisesByApologyDay, apologyDay, promiseId);
  }
}

function note(index: Map<string, Set<string>>, key: string, promiseId: string): void {
  const known = index.get(key);
  if (known) known.add(promiseId);
  else index.set(key, new Set([promiseId]));
}
