import type { CloudEvent } from '#libs/contracts';
import { isMoney, parseInstant, type InstantMs, type Money } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Rejected } from '#libs/shard-log';

export const MONEY_RETURNED_TYPE = 'money.returned';

/** What others gave back of a base: a manual refund, a chargeback, the credit of a cancellation. */
export interface MoneyReturned {
  /** '': it is about a whole group. */
  readonly subject: string;
  /** '': it is about a subject. */
  readonly group: string;
  readonly base: string;
  readonly amount: Money;
  /** The same again is known by it. */
  readonly reference: string;
  readonly reason: string | null;
  readonly atMs: InstantMs;
}

const TEXT_CHARS_MAX = 200;

export function readMoneyReturned(record: LogRecord, event: CloudEvent): MoneyReturned | Rejected {
  const { subject, group, base, amount, reference, reason } = event.data ?? {};
  const atMs = parseInstant(event.time);
  if (atMs === null) return invalid(record, 'time: an RFC 3339 instant expected');
  if (textOf(base) === null) return invalid(record, 'data.base: the name of a base of the guarantee expected');
  if (!isMoney(amount) || amount.amountMinor <= 0) {
    return invalid(record, 'data.amount: {amountMinor, currency} above zero expected');
  }
  const ofGroup = textOf(group);
  return {
    subject: ofGroup === null ? (textOf(subject) ?? event.subject) : '',
    group: ofGroup ?? '',
    base: textOf(base) as string,
    amount,
    reference: textOf(reference) ?? `${event.source} ${event.id}`,
    reason: textOf(reason),
    atMs,
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= TEXT_CHARS_MAX ? value : null;
}

function invalid(record: LogRecord, detail: string): Rejected {
  return { record, reason: 'MONEY_RETURNED_INVALID', detail };
}
