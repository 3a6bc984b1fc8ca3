import { compensationIdOf, currencyExponent, formatInstant, formatMoney } from '#libs/kernel';
import type { LineRow } from '../books/load-books.js';
import { lineOf } from '../books/load-books.js';
import { claimReferenceOf } from '../entitlement/claim-reference.js';
import { isBooked, openOf, type Line, type LineClaim } from '../entitlement/line.js';

export type LineWithPromise = LineRow & {
  readonly guarantee: string;
  readonly guaranteeVersion: number;
  readonly subject: string;
  readonly customer: string;
};

/** A line as people and programs read it over HTTP; amounts are minor units of `currency`. */
export function lineView(row: LineWithPromise) {
  const line = lineOf(row);
  const booked = line.currency === null ? null : { amountMinor: line.amountMinor, currency: line.currency };
  return {
    compensationId: compensationIdOf(row.promiseId),
    lineId: line.lineId,
    promiseId: row.promiseId,
    guarantee: row.guarantee,
    guaranteeVersion: row.guaranteeVersion,
    subject: row.subject,
    customer: row.customer,
    kind: line.kind,
    state: line.state,
    remedyId: line.remedyId,
    n: line.n,
    lineSequence: line.lineSequence,
    beneficiary: line.beneficiary,
    issuedAt: formatInstant(line.issuedAtMs),
    ...(booked ? { amount: booked, amountText: formatMoney(booked), exponent: currencyExponent(booked.currency) } : {}),
    ...(booked
      ? {
          paidMinor: line.paidMinor,
          openMinor: isBooked(line) ? openOf(line) : 0,
          cancelledMinor: line.cancelledMinor,
          reversedMinor: line.reversedMinor,
          absorbedMinor: line.absorbedMinor,
          receivableMinor: line.receivableMinor,
        }
      : {}),
    route: line.route,
    ...(line.hold === null ? {} : { hold: line.hold }),
    ...(line.wakeAtMs === null || line.state !== 'waiting' ? {} : { waitsUntil: formatInstant(line.wakeAtMs) }),
    ...(line.claim === null ? {} : { claim: claimView(line, line.claim) }),
    ...line.details,
  };
}

/** How what was set aside as unclaimed may be claimed, and who has. */
function claimView({ lineId }: Pick<Line, 'lineId'>, { untilMs, payee }: LineClaim) {
  return {
    reference: claimReferenceOf(lineId),
    until: untilMs === null ? null : formatInstant(untilMs),
    payee,
  };
}

export type LineView = ReturnType<typeof lineView>;
