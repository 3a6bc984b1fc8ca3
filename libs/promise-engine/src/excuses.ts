import type { ExcuseTerm, Guarantee, PromiseView } from '#libs/guarantees';
import type { Interval } from '#libs/calendar';
import { saidByHand } from './by-hand.js';
import { matches } from './counted-facts.js';
import { overlaps } from './deadline.js';
import type { Fact } from './subject-state.js';
import type { Disruption } from './terms.js';

const DAY_MS = 86_400_000;

/** Why a breach is not answered for. */
export interface Excuse {
  readonly code: string;
  readonly fact: Fact | null;
  readonly disruption: Disruption | null;
  /** Lateness beyond it is answered for again. */
  readonly budgetMs: number | null;
}

/** The first excuse that holds, in the order of the file; what a person entered comes last. */
export function excuseOf(
  guarantee: Guarantee,
  facts: readonly Fact[],
  promise: PromiseView,
  promiseId: string,
  disruptions: readonly Disruption[],
): Excuse | null {
  for (const term of guarantee.excuses) {
    const excuse = term.pattern === null ? byDisruption(term, guarantee, promise, disruptions) : byFact(term);
    if (excuse !== null) return excuse;
  }
  const entered = facts.find((fact) => saidByHand(fact, promiseId) === 'excused');
  if (entered === undefined) return null;
  const code = entered.data['code'];
  return { code: typeof code === 'string' ? code : 'by-hand', fact: entered, disruption: null, budgetMs: null };

  function byFact(term: ExcuseTerm): Excuse | null {
    const pattern = term.pattern;
    if (pattern === null) return null;
    for (const fact of facts) {
      if (!matches(pattern, fact, promise)) continue;
      if (term.names === null) return { code: term.code, fact, disruption: null, budgetMs: term.budgetMs };
      const id = term.names.evaluate(fact, promise);
      const disruption = disruptions.find((each) => each.id === id);
      if (disruption !== undefined) return { code: term.code, fact, disruption, budgetMs: term.budgetMs };
    }
    return null;
  }
}

function byDisruption(
  term: ExcuseTerm,
  guarantee: Guarantee,
  promise: PromiseView,
  disruptions: readonly Disruption[],
): Excuse | null {
  const covers = (d: Disruption): boolean => {
    if (d.effect === 'excuse') return overlaps(d, promise.openedAtMs, promise.dueAtMs);
    if (d.effect !== 'excuse-if-caused') return false;
    const day = lastWorkingDay(guarantee, promise);
    return d.fromMs < day.untilMs && d.untilMs > day.fromMs && overlaps(d, promise.openedAtMs, promise.dueAtMs);
  };
  const disruption = term.disruption ? disruptions.find(covers) : undefined;
  return disruption === undefined ? null : { code: term.code, fact: null, disruption, budgetMs: term.budgetMs };
}

/** The last day before due on which the calendar was open, up to due; without a calendar the 24 hours before it. */
function lastWorkingDay({ due }: Guarantee, { opening, dueAtMs }: PromiseView): Interval {
  const calendar = due.calendarFor(opening);
  if (calendar === null) return { fromMs: dueAtMs - DAY_MS, untilMs: dueAtMs + 1 };
  const dueDay = calendar.zone.localDayOf(dueAtMs);
  const day = calendar.isOpenDay(dueDay) ? dueDay : (calendar.addOpenDays(dueDay, -1) ?? dueDay);
  return { fromMs: calendar.zone.startOfDayMs(day), untilMs: Math.min(calendar.zone.endOfDayMs(day), dueAtMs) + 1 };
}
