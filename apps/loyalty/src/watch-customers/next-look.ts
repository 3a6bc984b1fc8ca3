import type { InstantMs } from '#libs/kernel';
import { daysFromMs, msFromDays, nextGesture, churnRiskOf, type Ruleset } from '#libs/loyalty-model';
import type { Trail } from '../customer-document/history.js';

const DAY_MS = 86_400_000;
/** After news the first look comes within a week: by then time has shown whether they were followed by others. */
const AFTER_NEWS_MS = 7 * DAY_MS;
/** How far ahead the looks into a quiet future reach, each twice as far as the one before. */
const PROBES_DAYS = [7, 14, 28, 56, 112, 224];

/**
 * When a customer is next looked at by passing time: at the next deadline, and at the latest a week after the last news.
 * @param waitingMs when a suggestion that had to wait may be made
 */
export function lookAfterNews(trail: Trail, atMs: InstantMs, waitingMs: InstantMs | null): InstantMs {
  return Math.min(atMs + AFTER_NEWS_MS, waitingMs ?? Infinity, deadlineMs(trail, atMs));
}

/** As above, of a customer whom nothing happened to: when the first of the looks ahead would show something else than now. */
export function lookAfterLook(trail: Trail, atMs: InstantMs, waitingMs: InstantMs | null, rules: Ruleset): InstantMs {
  const horizonMs = Math.min(waitingMs ?? Infinity, deadlineMs(trail, atMs));
  const now = sightOf(trail, atMs, rules);
  for (const days of PROBES_DAYS) {
    const thenMs = atMs + days * DAY_MS;
    if (thenMs >= horizonMs) return horizonMs;
    if (sightOf(trail, thenMs, rules) !== now) return thenMs;
  }
  return Math.min(horizonMs, atMs + (PROBES_DAYS.at(-1) as number) * DAY_MS);
}

function deadlineMs(trail: Trail, atMs: InstantMs): InstantMs {
  const next = trail.nextAfter(daysFromMs(atMs));
  return next === null ? Infinity : Math.max(atMs + 1, msFromDays(next));
}

/** What a look would tell: level of risk, tier and gesture. */
function sightOf(trail: Trail, atMs: InstantMs, rules: Ruleset): string {
  const { state, components, tier } = trail.standingAt(daysFromMs(atMs));
  const risk = churnRiskOf(components, rules);
  const { warnFrom, criticalFrom } = rules.alerts;
  const level = risk >= criticalFrom ? 2 : risk >= warnFrom ? 1 : 0;
  return `${level} ${tier} ${nextGesture(state, components, rules)}`;
}
