import {
  UNKNOWN_PROMISE,
  type CustomerDocument,
  type KnownLine,
  type KnownPromise,
  type KnownSettlement,
  type KnownSignal,
  type MergedInto,
  type Profile,
} from './document.js';

/**
 * What two documents know together: the same whichever comes first, however often. News of one event are a small document
 * of their own. @returns `known` itself when `news` tell nothing new. Summaries are not joined here (inherit.ts).
 */
export function joined(known: CustomerDocument, news: CustomerDocument): CustomerDocument {
  const promises = joinedEntries(known.promises, news.promises, joinedPromise, UNKNOWN_PROMISE);
  const signals = joinedEntries(known.signals, news.signals, laterSignal);
  const settlements = joinedEntries(known.settlements, news.settlements, laterSettlement);
  const profile = laterOf(known.profile, news.profile, profileBefore);
  const mergedInto = laterOf(known.mergedInto, news.mergedInto, mergeBefore);
  const newcomers = news.mergedFrom.filter((each) => !known.mergedFrom.includes(each));
  const mergedFrom = newcomers.length === 0 ? known.mergedFrom : [...known.mergedFrom, ...newcomers].sort();
  const sinceMs = leastOf(known.sinceMs, news.sinceMs);
  const same =
    promises === known.promises &&
    signals === known.signals &&
    settlements === known.settlements &&
    profile === known.profile &&
    mergedInto === known.mergedInto &&
    mergedFrom === known.mergedFrom &&
    sinceMs === known.sinceMs;
  if (same) return known;
  const asOfMs = Math.max(known.asOfMs, news.asOfMs);
  return { ...known, asOfMs, sinceMs, promises, signals, settlements, profile, mergedInto, mergedFrom };
}

function joinedEntries<T>(
  known: Readonly<Record<string, T>>,
  news: Readonly<Record<string, T>>,
  join: (known: T, news: T) => T,
  nothing?: T,
): Readonly<Record<string, T>> {
  let result: Record<string, T> | null = null;
  for (const key of Object.keys(news)) {
    const value = news[key] as T;
    const before = Object.hasOwn(known, key) ? known[key] : nothing;
    const after = before === undefined ? value : join(before, value);
    if (after === before) continue;
    (result ??= { ...known })[key] = after;
  }
  return result ?? known;
}

export function joinedPromise(known: KnownPromise, news: KnownPromise): KnownPromise {
  const verdict = laterOf(known.verdict, news.verdict, (a, b) => a.sequence < b.sequence);
  const first = laterOf(known.first, news.first, (a, b) => b.sequence < a.sequence);
  const moved = laterOf(known.moved, news.moved, (a, b) => b.sequence < a.sequence);
  const lines = joinedEntries(known.lines, news.lines, joinedLine);
  const broken = joinedBreach(known.broken, news.broken);
  const claimedAtMs = leastOf(known.claimedAtMs ?? null, news.claimedAtMs ?? null);
  const same =
    verdict === known.verdict &&
    first === known.first &&
    moved === known.moved &&
    lines === known.lines &&
    broken === known.broken &&
    claimedAtMs === (known.claimedAtMs ?? null);
  if (same) return known;
  return { verdict, broken, first, moved, lines, ...(claimedAtMs === null ? {} : { claimedAtMs }) };
}

function joinedBreach(known: KnownPromise['broken'], news: KnownPromise['broken']): KnownPromise['broken'] {
  if (known === null || news === null) return known ?? news;
  if (known.decidedAtMs <= news.decidedAtMs && known.sequence <= news.sequence) return known;
  return {
    decidedAtMs: Math.min(known.decidedAtMs, news.decidedAtMs),
    sequence: Math.min(known.sequence, news.sequence),
  };
}

/** A line's amount never changes; an event that does not repeat it takes nothing away. */
function joinedLine(known: KnownLine, news: KnownLine): KnownLine {
  const newest = news.lineSequence > known.lineSequence ? news : known;
  const requestedAtMs = known.requestedAtMs ?? news.requestedAtMs;
  const amount = known.amount ?? news.amount;
  const explained = (known.explained ?? false) || (news.explained ?? false);
  const same =
    newest === known &&
    requestedAtMs === known.requestedAtMs &&
    amount === known.amount &&
    explained === (known.explained ?? false);
  return same ? known : { ...newest, requestedAtMs, amount, ...(explained ? { explained } : {}) };
}

/** The higher revision; of two contents under one identity the same one, whichever came first. */
function laterSignal(known: KnownSignal, news: KnownSignal): KnownSignal {
  if (known.revision !== news.revision) return news.revision > known.revision ? news : known;
  return JSON.stringify(news.events) < JSON.stringify(known.events) ? news : known;
}

function laterSettlement(known: KnownSettlement, news: KnownSettlement): KnownSettlement {
  return news.lineSequence > known.lineSequence ? news : known;
}

function profileBefore(a: Profile, b: Profile): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && JSON.stringify(a) < JSON.stringify(b));
}

function mergeBefore(a: MergedInto, b: MergedInto): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.customer < b.customer);
}

function laterOf<T>(known: T | null, news: T | null, isBefore: (a: T, b: T) => boolean): T | null {
  if (known === null || news === null) return known ?? news;
  return isBefore(known, news) ? news : known;
}

function leastOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
