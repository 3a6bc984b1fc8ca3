import {
  componentsOf,
  daysFromMs,
  type Debt,
  type LoyaltyState,
  type ModelEvent,
  type Ruleset,
} from '#libs/loyalty-model';
import type { ModelSettings } from '#libs/signals';
import { addCounts, NO_COUNTS } from './counts.js';
import type { CustomerDocument, KnownPromise, Summary } from './document.js';
import { advanced, newcomer } from './history.js';
import { eventsOfDocument, eventsOfPromise, eventsOfSignal, surroundingsOf } from './model-events.js';

/** So many promises and signals stay as they are known and can be corrected; older ones are summarised. */
export const ENTRIES_KEPT = 500;
/** Summarising waits for this many more, so that it is rare. */
const SURPLUS = 100;
export const ENTRIES_MAX = ENTRIES_KEPT + SURPLUS;
const DEBTS_MAX = 200;
const VOICES_MAX = 200;
const PURCHASES_MAX = 1_000;

export function entriesOf({ promises, signals }: CustomerDocument): number {
  return Object.keys(promises).length + Object.keys(signals).length;
}

/**
 * Bounds the document: of more than ENTRIES_MAX promises and signals the newest ENTRIES_KEPT stay. Open promises go first
 * (they tell the model nothing yet and come back with their verdict), then the oldest others are folded into a state and
 * their counts. What is summarised can no longer change: a correction of it, or a copy of one of its events, is ignored, as
 * `withoutSummarised` does. Below the bound nothing is ever summarised, and order never matters.
 */
export function summarise(document: CustomerDocument, settings: ModelSettings): CustomerDocument {
  const old = oldestOf(document, settings);
  if (old.length === 0) return document;
  const gone = new Set(old.map(({ key }) => key));
  const left = <T>(entries: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(entries).filter(([key]) => !gone.has(key)));
  const lines = new Set(old.flatMap(({ known }) => Object.keys(known?.lines ?? {})));
  const settlements = Object.fromEntries(Object.entries(document.settlements).filter(([lineId]) => !lines.has(lineId)));
  const rest = { ...document, promises: left(document.promises), signals: left(document.signals), settlements };
  const throughDay = Math.max(...old.map(({ lastDay }) => lastDay ?? -Infinity));
  if (throughDay === -Infinity) return rest;
  const promises = old.flatMap(({ known, lastDay }) => (known && lastDay !== null ? [known] : []));
  const { counts, ...folded } = foldedThrough(document, throughDay, settings);
  return { ...rest, summary: { ...folded, counts: addCounts(counts, promises) } };
}

/** All that happened up to a day, folded; the counts are those of the summary before. */
export function foldedThrough(document: CustomerDocument, throughDay: number, settings: ModelSettings): Summary {
  const { summary } = document;
  const { rules } = settings;
  const through = Math.max(throughDay, summary?.throughDay ?? -Infinity);
  let head = summary ? { state: summary.state, tier: summary.tier } : newcomer(rules);
  for (const event of eventsOfDocument(document, settings)) {
    if (event.at > through) break;
    head = advanced(head, event, rules);
  }
  return {
    throughDay: through,
    state: shortened(head.state, rules),
    tier: head.tier,
    counts: summary?.counts ?? NO_COUNTS,
    includes: summary?.includes ?? [],
  };
}

/** News without what lies in the summarised past and is not held any more. */
export function withoutSummarised(
  document: CustomerDocument,
  news: CustomerDocument,
  settings: ModelSettings,
): CustomerDocument {
  const through = document.summary?.throughDay;
  if (through === undefined) return news;
  const around = surroundingsOf(news, settings);
  const promises = Object.entries(news.promises).filter(
    ([key, known]) =>
      Object.hasOwn(document.promises, key) ||
      (lastDayOf(eventsOfPromise(key, known, around), known, through) ??
        daysFromMs(known.verdict?.dueAtMs ?? Infinity)) > through,
  );
  const signals = Object.entries(news.signals).filter(
    ([key, { events }]) => Object.hasOwn(document.signals, key) || events.some(({ at }) => daysFromMs(at) > through),
  );
  return { ...news, promises: Object.fromEntries(promises), signals: Object.fromEntries(signals) };
}

interface Aged {
  readonly key: string;
  readonly known: KnownPromise | null;
  /** null: nothing has happened yet. */
  readonly lastDay: number | null;
  readonly dueAtMs: number;
}

/** What has to go, the least missed first. */
function oldestOf(document: CustomerDocument, settings: ModelSettings): Aged[] {
  const around = surroundingsOf(document, settings);
  const asOf = daysFromMs(document.asOfMs);
  const promises = Object.entries(document.promises).map(([key, known]): Aged => {
    const lastDay = lastDayOf(eventsOfPromise(key, known, around), known, asOf);
    return { key, known, lastDay, dueAtMs: known.verdict?.dueAtMs ?? 0 };
  });
  const signals = Object.entries(document.signals).map(([key, signal]): Aged => {
    const last = eventsOfSignal(key, signal).at(-1)?.at ?? 0;
    return { key, known: null, lastDay: last, dueAtMs: 0 };
  });
  const all = [...promises, ...signals];
  return all
    .sort((a, b) => (a.lastDay ?? -1) - (b.lastDay ?? -1) || a.dueAtMs - b.dueAtMs || (a.key < b.key ? -1 : 1))
    .slice(0, Math.max(0, all.length - ENTRIES_KEPT));
}

/** The day of the last thing that happened in a promise; null while it is open and nothing was given for it. */
function lastDayOf(events: readonly ModelEvent[], known: KnownPromise, asOf: number): number | null {
  const last = events.filter(({ at }) => at <= asOf).at(-1) ?? events[0];
  if (last) return last.at;
  if (known.verdict?.outcome) return daysFromMs(known.verdict.dueAtMs);
  const requested = Object.values(known.lines).map(({ requestedAtMs }) => requestedAtMs ?? 0);
  return requested.length > 0 ? daysFromMs(Math.max(...requested)) : null;
}

function shortened(state: LoyaltyState, rules: Ruleset): LoyaltyState {
  const { voices, purchases } = state;
  // The first purchase stays: it says how long the customer has been buying.
  const bought =
    purchases.length <= PURCHASES_MAX ? purchases : [...purchases.slice(0, 1), ...purchases.slice(1 - PURCHASES_MAX)];
  return { ...mergeOldDebts(state, rules), voices: voices.slice(-VOICES_MAX), purchases: bought };
}

/** Old debts become one of the same weight, fading at the same pace. */
function mergeOldDebts(state: LoyaltyState, rules: Ruleset): LoyaltyState {
  if (state.debts.length <= DEBTS_MAX) return state;
  const byAge = [...state.debts].sort((a, b) => a.dueAt - b.dueAt);
  const old = byAge.slice(0, byAge.length - DEBTS_MAX + 1);
  const newest = old.at(-1) as Debt;
  const owed = componentsOf({ ...state, debts: old }, rules).debt;
  const sinceDays = (state.asOf ?? newest.dueAt) - newest.dueAt;
  const base = owed * 2 ** (sinceDays / rules.debt.halfLifeDays);
  const merged: Debt = {
    ...newest,
    promiseId: 'older-promises',
    base,
    unhealed: 1,
    bestRecovery: 0,
    failedRecoveries: 0,
  };
  return { ...state, debts: [merged, ...byAge.slice(old.length)] };
}
