import type { CompensationNotice, CompensationNoticeData, LineAction } from '#libs/contracts';
import { derivedIdOf, type InstantMs } from '#libs/kernel';
import { isAnnounced, isBooked, type Line } from './line.js';

export type TransferReason =
  | 'requested'
  | 'cancelled'
  | 'paid'
  | 'returned'
  | 'reversed'
  | 'absorbed'
  | 'unabsorbed'
  | 'receivable'
  | 'unreceivable'
  | 'offset';

/** Money moved in the books: `amountMinor` (above zero) from one account to the other, for one line. */
export interface Transfer {
  readonly transferId: string;
  readonly lineId: string;
  readonly reason: TransferReason;
  readonly bookedAtMs: InstantMs;
  readonly currency: string;
  readonly amountMinor: number;
  /** Accounts without names of people: `payable`, `points` and `receivable` are the beneficiary's. */
  readonly debit: AccountKind;
  readonly credit: AccountKind;
  readonly beneficiary: string;
}

export type AccountKind = 'expense' | 'payable' | 'paid' | 'false-breach' | 'receivable';

/** An event to tell, with the line as it was then. */
export type Announcement = { readonly line: Line; readonly atMs: InstantMs } & (
  | { readonly action: LineAction; readonly reason?: string }
  | { readonly notice: CompensationNotice; readonly data: Omit<CompensationNoticeData, 'lineId' | 'lineSequence'> }
);

const LEGS: Readonly<Record<TransferReason, readonly [debit: AccountKind, credit: AccountKind]>> = {
  requested: ['expense', 'payable'],
  cancelled: ['payable', 'expense'],
  paid: ['payable', 'paid'],
  returned: ['paid', 'payable'],
  reversed: ['payable', 'expense'],
  absorbed: ['false-breach', 'payable'],
  unabsorbed: ['payable', 'false-breach'],
  receivable: ['receivable', 'payable'],
  unreceivable: ['payable', 'receivable'],
  offset: ['payable', 'receivable'],
};

/** Lines of one promise while they are being changed, with what is to be told and booked about it. */
export class Draft {
  readonly announcements: Announcement[] = [];
  readonly transfers: Transfer[] = [];
  private readonly current: Line[];

  constructor(
    lines: readonly Line[],
    /** The decision's time; event times and bookings follow it, never a wall clock. */
    readonly atMs: InstantMs,
  ) {
    this.current = [...lines];
  }

  get lines(): readonly Line[] {
    return this.current;
  }

  line(lineId: string): Line {
    const line = this.current.find((candidate) => candidate.lineId === lineId);
    if (!line) throw new Error(`line ${lineId} is not of this promise`);
    return line;
  }

  /** Lines of a remedy in order of issue. */
  ofRemedy(remedyId: string): Line[] {
    return this.current.filter((line) => line.remedyId === remedyId);
  }

  add(line: Line): void {
    this.current.push(line);
  }

  change(lineId: string, change: Partial<Line>): Line {
    const at = this.current.findIndex((line) => line.lineId === lineId);
    const changed = { ...(this.current[at] as Line), ...change };
    this.current[at] = changed;
    return changed;
  }

  /** Tells others of the line's new state, under its next number. */
  tell(lineId: string, action: LineAction, reason?: string): void {
    const line = this.change(lineId, { lineSequence: this.line(lineId).lineSequence + 1 });
    this.announcements.push({ line, atMs: this.atMs, action, ...(reason === undefined ? {} : { reason }) });
  }

  notify(
    lineId: string,
    notice: CompensationNotice,
    data: Omit<CompensationNoticeData, 'lineId' | 'lineSequence'>,
  ): void {
    if (isAnnounced(this.line(lineId))) this.proclaim(lineId, notice, data); // else nobody knows of the line
  }

  /** The first that others hear of a line may be a notice: that it is held. */
  proclaim(
    lineId: string,
    notice: CompensationNotice,
    data: Omit<CompensationNoticeData, 'lineId' | 'lineSequence'>,
  ): void {
    const line = this.change(lineId, { lineSequence: this.line(lineId).lineSequence + 1 });
    this.announcements.push({ line, atMs: this.atMs, notice, data });
  }

  /**
   * Books a movement of the line. Its id follows from the line, the reason and `key` (the line's number of events, or
   * the payment's reference), so that the database refuses the same movement twice.
   */
  book(lineId: string, reason: TransferReason, amountMinor: number, key: string | number): void {
    const line = this.line(lineId);
    if (amountMinor <= 0 || line.currency === null || !isBooked(line)) return;
    const [debit, credit] = LEGS[reason];
    this.transfers.push({
      transferId: derivedIdOf(lineId, reason, key),
      lineId,
      reason,
      bookedAtMs: this.atMs,
      currency: line.currency,
      amountMinor,
      debit,
      credit,
      beneficiary: line.beneficiary,
    });
  }
}
