import type { Guarantee } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import type { Fact, Letter } from './subject-state.js';
import { LETTER_HOLDS_MS, type Silence, type Terms } from './terms.js';

/**
 * When a promise whose evidence is missing at `wouldBreachMs` is breached: then, unless a source that could bring the
 * evidence is silent or the subject has an undecided dead letter. It is held until the source has been back for the
 * allowance and the grace, at most `unknownAtMost`.
 * @returns `wouldBreachMs` itself where nothing holds it.
 */
export function breachAtMs(
  guarantee: Guarantee,
  opening: Fact,
  wouldBreachMs: InstantMs,
  terms: Terms,
  letters: readonly Letter[],
): InstantMs {
  const { evidence } = guarantee;
  if (evidence.sources.length === 0 && letters.length === 0) return wouldBreachMs;
  const graceMs = evidence.allowanceMs + evidence.resumeGraceMs;
  const bySource = holdsOf(guarantee, opening, terms.silences).map(({ fromMs, untilMs }) => ({
    fromMs,
    untilMs: untilMs === null ? Number.POSITIVE_INFINITY : untilMs + graceMs,
  }));
  return Math.max(
    Math.min(heldUntilMs(wouldBreachMs, bySource), wouldBreachMs + evidence.unknownAtMostMs),
    heldByLettersMs(wouldBreachMs, letters),
  );
}

/** Something that would happen at an instant happens once no letter is undecided any more, at most 7 days later. */
export function heldByLettersMs(atMs: InstantMs, letters: readonly Letter[]): InstantMs {
  if (letters.length === 0) return atMs;
  const holds = letters
    .filter(({ openedAtMs }) => openedAtMs !== null)
    .map(({ openedAtMs, closedAtMs }) => ({
      fromMs: openedAtMs as InstantMs,
      untilMs: closedAtMs ?? Number.POSITIVE_INFINITY,
    }));
  return Math.min(heldUntilMs(atMs, holds), atMs + LETTER_HOLDS_MS);
}

function holdsOf(
  guarantee: Guarantee,
  opening: Fact,
  silences: readonly Silence[],
): readonly Pick<Silence, 'fromMs' | 'untilMs'>[] {
  return guarantee.evidence.sources.flatMap(({ source, by }) => {
    const voice = by?.evaluate(opening) ?? null;
    return silences
      .filter((s) => s.source === source && (s.by === null || s.by === voice))
      .map((s) => s.asHeardBy?.(opening.subject) ?? s);
  });
}

/** Walks through holds that follow one another. */
function heldUntilMs(startMs: InstantMs, holds: readonly { fromMs: InstantMs; untilMs: InstantMs }[]): InstantMs {
  let atMs = startMs;
  for (const hold of [...holds].sort((a, b) => a.fromMs - b.fromMs)) {
    if (hold.fromMs <= atMs && atMs < hold.untilMs) atMs = hold.untilMs;
  }
  return atMs;
}
