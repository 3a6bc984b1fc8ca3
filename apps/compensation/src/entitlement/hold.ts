import type { InstantMs } from '#libs/kernel';

/**
 * Why a line waits: its amount, what was spent already, a wave of breaches, a promise opened too late; of a text: that a
 * person has been in touch with whom it goes to about the same.
 */
export type HoldReason =
  'approval' | 'budget' | 'budget-per-customer' | 'breaker' | 'opened-too-late' | 'personal-contact';

/** Between the reasons that a `held` event tells. */
export const HOLD_SEPARATOR = ', ';

export interface Approval {
  /** The key of the person. */
  readonly by: string;
  readonly atMs: InstantMs;
  readonly reason: string | null;
  /** Of many lines at once: it ended the breaker's hold, and nobody has looked at this line's amount. */
  readonly of?: 'breaker';
}

export interface Hold {
  /** What still holds it; empty once it was let go. */
  readonly reasons: readonly HoldReason[];
  /** How many persons have to approve before it may leave. */
  readonly approvalsNeeded: 1 | 2;
  readonly approvals: readonly Approval[];
  /** What the breaker counts apart; null: all of the guarantee together. */
  readonly region: string | null;
}

/** Whoever lets many lines go at once has looked at no single amount: that is none of the approvals which an amount needs. */
export function withApproval(hold: Hold, approval: Approval): Hold {
  const approvals = [...hold.approvals, approval];
  if (approval.of === 'breaker')
    return { ...hold, reasons: hold.reasons.filter((name) => name !== 'breaker'), approvals };
  const looked = approvals.filter(({ of }) => of !== 'breaker');
  return { ...hold, reasons: looked.length >= hold.approvalsNeeded ? [] : hold.reasons, approvals };
}

/** A line may be held all the same: its approvals were told, and the request was not when the database was put back to before them. */
export function isLetGo(hold: Hold): boolean {
  return hold.reasons.length === 0;
}

/** What decides, at issue, whether a line may leave and by which way. */
export interface Gate {
  /**
   * @param amountMinor of the line about to be issued
   * @param remedyMinor the line and all that stands of its remedy
   */
  holdOf(line: GateLine): Hold | null;
  routeOf(kind: string): string;
}

export interface GateLine {
  readonly remedyId: string;
  readonly currency: string | null;
  readonly isMoney: boolean;
  readonly amountMinor: number;
  readonly remedyMinor: number;
  readonly beneficiary: string;
}

/** The same hold for one more reason. */
export function heldFor(reason: HoldReason, hold: Hold | null): Hold {
  if (hold === null) return { reasons: [reason], approvalsNeeded: 1, approvals: [], region: null };
  return { ...hold, reasons: [...hold.reasons, reason] };
}

/** Nothing is held, everything leaves by the topic. */
export const OPEN_GATE: Gate = { holdOf: () => null, routeOf: () => 'topic' };
