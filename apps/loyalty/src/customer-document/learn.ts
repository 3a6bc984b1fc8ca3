import {
  UNKNOWN_PROMISE,
  type CustomerDocument,
  type KnownLine,
  type KnownPromise,
  type KnownVerdict,
} from './document.js';

/** What one `makegood.promise.*` event tells of its promise. */
export interface PromiseNews {
  readonly kind: 'promise';
  readonly eventId: string;
  readonly eventType: string;
  readonly customer: string;
  readonly promiseId: string;
  readonly verdict: KnownVerdict;
}

/** What one event of a compensation's line tells. */
export interface LineNews {
  readonly kind: 'line';
  readonly eventId: string;
  readonly eventType: string;
  readonly customer: string;
  readonly promiseId: string;
  readonly lineId: string;
  readonly decidedAtMs: number;
  readonly line: KnownLine;
}

export type News = PromiseNews | LineNews;

/** The promise after the news; the very same object when they tell nothing new. */
export function learn(known: KnownPromise = UNKNOWN_PROMISE, news: News): KnownPromise {
  return news.kind === 'promise' ? learnVerdict(known, news.verdict) : learnLine(known, news);
}

/** The document with the promise in its new form, and what the news say of the customer as a whole. */
export function withPromise(document: CustomerDocument, news: News, promise: KnownPromise): CustomerDocument {
  const decidedAtMs = news.kind === 'promise' ? news.verdict.decidedAtMs : news.decidedAtMs;
  const openedAtMs = news.kind === 'promise' ? news.verdict.openedAtMs : null;
  return {
    ...document,
    asOfMs: Math.max(document.asOfMs, decidedAtMs),
    sinceMs: openedAtMs === null ? document.sinceMs : Math.min(document.sinceMs ?? openedAtMs, openedAtMs),
    promises: { ...document.promises, [news.promiseId]: promise },
  };
}

function learnVerdict(known: KnownPromise, verdict: KnownVerdict): KnownPromise {
  const newest = verdict.sequence > (known.verdict?.sequence ?? 0);
  const { broken } = known;
  const brokenEarlier =
    verdict.outcome === 'breached' &&
    (broken === null || verdict.decidedAtMs < broken.decidedAtMs || verdict.sequence < broken.sequence);
  if (!newest && !brokenEarlier) return known;
  return {
    verdict: newest ? verdict : known.verdict,
    broken: brokenEarlier
      ? {
          decidedAtMs: Math.min(verdict.decidedAtMs, broken?.decidedAtMs ?? Infinity),
          sequence: Math.min(verdict.sequence, broken?.sequence ?? Infinity),
        }
      : broken,
    lines: known.lines,
  };
}

function learnLine(known: KnownPromise, { lineId, line }: LineNews): KnownPromise {
  const old = known.lines[lineId];
  if (!old) return { ...known, lines: { ...known.lines, [lineId]: line } };
  const newest = line.lineSequence > old.lineSequence ? line : old;
  const requestedAtMs = old.requestedAtMs ?? line.requestedAtMs;
  if (newest === old && requestedAtMs === old.requestedAtMs) return known;
  // A line's amount never changes; an event that does not repeat it takes nothing away.
  const amount = old.amount ?? line.amount;
  return { ...known, lines: { ...known.lines, [lineId]: { ...newest, requestedAtMs, amount } } };
}
