import { componentsOf, daysFromMs, DEFAULT_RULESET, type Debt, type LoyaltyState } from '#libs/loyalty-model';
import { addCounts, NO_COUNTS } from './counts.js';
import type { CustomerDocument, KnownPromise } from './document.js';
import { advance, startOf } from './history.js';
import { eventsOfDocument, eventsOfPromise } from './model-events.js';

/** So many promises stay as they are known and can be corrected; older ones are summarised. */
export const PROMISES_KEPT = 500;
/** Summarising waits for this many more, so that it is rare. */
const SURPLUS = 100;
export const PROMISES_MAX = PROMISES_KEPT + SURPLUS;
const DEBTS_MAX = 200;

/**
 * Bounds the document: of more than PROMISES_MAX promises the newest PROMISES_KEPT stay. Open ones go first (they tell the
 * model nothing yet and come back with their verdict), then the oldest others are folded into a state and their counts.
 * What is summarised can no longer change: a correction of such a promise, a line of it, or a copy of one of its events is
 * ignored, as `isSummarised` tells. Below the bound nothing is ever summarised, and order never matters.
 */
export function summarise(document: CustomerDocument): CustomerDocument {
  const old = oldestOf(document);
  if (old.length === 0) return document;
  const gone = new Set(old.map(({ promiseId }) => promiseId));
  const promises = Object.fromEntries(Object.entries(document.promises).filter(([promiseId]) => !gone.has(promiseId)));
  const settled = old.flatMap(({ known, lastDay }) => (lastDay === null ? [] : [{ known, lastDay }]));
  if (settled.length === 0) return { ...document, promises };
  const throughDay = Math.max(...settled.map(({ lastDay }) => lastDay), document.summary?.throughDay ?? -Infinity);
  const past = eventsOfDocument(document).filter(({ at }) => at <= throughDay);
  const { state, tier } = advance(startOf(document), past);
  const counts = addCounts(
    document.summary?.counts ?? NO_COUNTS,
    settled.map(({ known }) => known),
  );
  return { ...document, promises, summary: { throughDay, state: mergeOldDebts(state), tier, counts } };
}

/** Whether a promise that the document does not hold lies in its summarised past. */
export function isSummarised({ summary }: CustomerDocument, promiseId: string, known: KnownPromise): boolean {
  if (!summary) return false;
  const lastDay = lastDayOf(promiseId, known) ?? daysFromMs(known.verdict?.dueAtMs ?? Infinity);
  return lastDay <= summary.throughDay;
}

interface Aged {
  readonly promiseId: string;
  readonly known: KnownPromise;
  /** null: nothing has happened yet. */
  readonly lastDay: number | null;
}

/** What has to go, the least missed first. */
function oldestOf({ promises }: CustomerDocument): Aged[] {
  const all = Object.entries(promises);
  return all
    .map(([promiseId, known]): Aged => ({ promiseId, known, lastDay: lastDayOf(promiseId, known) }))
    .sort(
      (a, b) => (a.lastDay ?? -1) - (b.lastDay ?? -1) || dueOf(a) - dueOf(b) || (a.promiseId < b.promiseId ? -1 : 1),
    )
    .slice(0, Math.max(0, all.length - PROMISES_KEPT));
}

function dueOf({ known }: Aged): number {
  return known.verdict?.dueAtMs ?? 0;
}

/** The day of the last thing that happened in a promise; null while it is open and nothing was given for it. */
function lastDayOf(promiseId: string, known: KnownPromise): number | null {
  const last = eventsOfPromise(promiseId, known).at(-1);
  if (last) return last.at;
  if (known.verdict?.outcome) return daysFromMs(known.verdict.dueAtMs);
  const requested = Object.values(known.lines).map(({ requestedAtMs }) => requestedAtMs ?? 0);
  return requested.length > 0 ? daysFromMs(Math.max(...requested)) : null;
}

/** Old debts become one of the same weight, fading at the same pace. */
function mergeOldDebts(state: LoyaltyState): LoyaltyState {
  if (state.debts.length <= DEBTS_MAX) return state;
  const byAge = [...state.debts].sort((a, b) => a.dueAt - b.dueAt);
  const old = byAge.slice(0, byAge.length - DEBTS_MAX + 1);
  const newest = old.at(-1) as Debt;
  const owed = componentsOf({ ...state, debts: old }).debt;
  const sinceDays = (state.asOf ?? newest.dueAt) - newest.dueAt;
  const base = owed * 2 ** (sinceDays / DEFAULT_RULESET.debt.halfLifeDays);
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
