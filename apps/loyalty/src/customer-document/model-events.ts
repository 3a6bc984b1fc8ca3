import type { PromiseType } from '#libs/contracts';
import { compareEvents, inDays, type ModelEvent } from '#libs/loyalty-model';
import type { CustomerDocument, KnownLine, KnownPromise, KnownVerdict } from './document.js';

const MINUTE_MS = 60_000;

/** One unit of lateness per type of promise (design default; a tenant's own numbers belong to the whole model). */
export const TOLERANCE_MS: Readonly<Record<PromiseType, number>> = {
  reservation: 15 * MINUTE_MS,
  response: 60 * MINUTE_MS,
  waiting: 10 * MINUTE_MS,
  service: 30 * MINUTE_MS,
  delivery: 24 * 60 * MINUTE_MS,
};

/**
 * What the model is told of one promise, in the model's order. The times are those at which things happened to the
 * customer, not those of our decisions, so that it does not matter when or in what order we learnt of them.
 * A promise excused or cancelled is told as if it had never been made.
 */
export function eventsOfPromise(promiseId: string, known: KnownPromise): ModelEvent[] {
  const { verdict } = known;
  if (!verdict) return [];
  const events = [...noticesOf(promiseId, known)];
  if (verdict.outcome === 'kept') {
    events.push(settled(promiseId, verdict, verdict.completedAtMs ?? verdict.dueAtMs));
  } else if (verdict.outcome === 'breached') {
    const brokenAtMs = Math.min(verdict.dueAtMs, known.broken?.decidedAtMs ?? verdict.dueAtMs);
    events.push({
      id: `${promiseId}:breached`,
      type: 'promise.breached',
      at: brokenAtMs,
      ...aboutOf(promiseId, verdict),
    });
    if (verdict.completedAtMs !== null) events.push(settled(promiseId, verdict, verdict.completedAtMs, brokenAtMs));
    else if (verdict.final) events.push(settled(promiseId, verdict, null, verdict.decidedAtMs));
    events.push(...recoveriesOf(promiseId, verdict, known.lines, brokenAtMs));
  }
  return events.map(inDays).sort(compareEvents);
}

/** When the customer was first seen. */
export function joinedEvent({ sinceMs }: CustomerDocument): ModelEvent[] {
  return sinceMs === null ? [] : [inDays({ id: 'joined', type: 'customer.joined', at: sinceMs })];
}

/** The whole history that is not yet summarised, in the model's order. */
export function eventsOfDocument(document: CustomerDocument): ModelEvent[] {
  const through = document.summary?.throughDay ?? -Infinity;
  const events = joinedEvent(document);
  for (const [promiseId, known] of Object.entries(document.promises)) events.push(...eventsOfPromise(promiseId, known));
  return events.filter(({ at }) => at > through).sort(compareEvents);
}

function aboutOf(promiseId: string, verdict: KnownVerdict) {
  return { promiseId, kind: verdict.promiseType, dueAt: verdict.dueAtMs, madeAt: verdict.openedAtMs };
}

function settled(promiseId: string, verdict: KnownVerdict, actualAtMs: number | null, notBeforeMs = 0): ModelEvent {
  return {
    id: `${promiseId}:settled`,
    type: 'promise.settled',
    at: Math.max(actualAtMs ?? 0, notBeforeMs),
    ...aboutOf(promiseId, verdict),
    actualAt: actualAtMs,
    tolerance: TOLERANCE_MS[verdict.promiseType],
  };
}

/** A warning before due counts once, the first one. */
function noticesOf(promiseId: string, { lines }: KnownPromise): ModelEvent[] {
  const times = linesBy(lines, ['notice']).map(({ requestedAtMs }) => requestedAtMs);
  if (times.length === 0) return [];
  return [{ id: `${promiseId}:notice`, type: 'delay.notified', at: Math.min(...times), promiseId }];
}

/**
 * Lines asked for at the same instant are one attempt to make good. Its money is all that was given for this promise up
 * to then, since a later band only tops up. Points are told to nobody here: they are counted, and no recovery.
 * An apology requested counts as said (no sender answers yet), and as an automatic one.
 */
function recoveriesOf(
  promiseId: string,
  verdict: KnownVerdict,
  lines: KnownPromise['lines'],
  brokenAtMs: number,
): ModelEvent[] {
  const standing = linesBy(lines, ['refund', 'credit', 'voucher', 'apology']);
  const instants = [...new Set(standing.map(({ requestedAtMs }) => requestedAtMs))].sort((a, b) => a - b);
  return instants.map((at) => {
    const now = standing.filter(({ requestedAtMs }) => requestedAtMs === at);
    const given = standing.filter(({ requestedAtMs, amount }) => requestedAtMs <= at && amount !== null);
    return {
      id: `${promiseId}:recovery:${at}`,
      type: 'recovery.done',
      at: Math.max(at, brokenAtMs),
      promiseId,
      ...moneyOf(verdict, given),
      ...(now.some(({ kind }) => kind === 'apology') ? { apology: 'auto' as const } : {}),
      initiated: 'company' as const,
    };
  });
}

/** Compensation and loss in the currency with the largest loss; without a known loss any money is taken as adequate. */
function moneyOf(
  verdict: KnownVerdict,
  given: readonly StandingLine[],
): { compensation?: number; loss?: number; match?: boolean } {
  const currencies = [...new Set(given.map(({ amount }) => amount?.currency ?? ''))].sort();
  const lossIn = (currency: string): number => verdict.lossMinor[currency] ?? 0;
  const [currency] = currencies.sort((a, b) => lossIn(b) - lossIn(a));
  if (currency === undefined) return {};
  const counted = given.filter(({ amount }) => amount?.currency === currency);
  const compensation = counted.reduce((sum, { amount }) => sum + (amount?.amountMinor ?? 0), 0);
  const onlyVouchers = counted.every(({ kind }) => kind === 'voucher');
  const loss = lossIn(currency);
  return { compensation, ...(loss > 0 ? { loss, match: !onlyVouchers } : {}) };
}

type StandingLine = KnownLine & { readonly requestedAtMs: number };

function linesBy(lines: KnownPromise['lines'], kinds: readonly KnownLine['kind'][]): StandingLine[] {
  return Object.values(lines).filter(
    (line): line is StandingLine => line.standing && line.requestedAtMs !== null && kinds.includes(line.kind),
  );
}
