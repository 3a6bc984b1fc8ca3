import { MOTIVATORS, type Components, type Motivator } from './components.js';
import { sum } from './arithmetic.js';
import type { BreachStage, BreachStages } from './debts.js';
import type { Ruleset } from './parameters.js';

export type Cause = 'trust' | `trust.${BreachStage}` | Motivator;

/** Points that each cause added to (or took from) the score; they sum to the change exactly. Causes without effect are absent. */
export type Contributions = Readonly<Partial<Record<Cause, number>>>;

/** Below this a contribution is rounding noise. */
const NOISE = 1e-12;

/**
 * Splits the change from one state to another over its causes. The score is a product of trust and merit; each gets its
 * Shapley share, and merit is linear in the motivators. For a breach the loss of trust is told by stages.
 */
export function contributions(
  before: Components,
  after: Components,
  rules: Ruleset,
  stages?: BreachStages,
): Contributions {
  const meanTrust = (before.trust + after.trust) / 2;
  const meanMerit = (before.merit + after.merit) / 2;
  const parts: Partial<Record<Cause, number>> = {};
  const add = (cause: Cause, points: number): void => {
    if (Math.abs(points) > NOISE) parts[cause] = points;
  };

  const trustPoints = 100 * (after.trust - before.trust) * meanMerit;
  const wholeHurt = sum((stages ?? []).map((stage) => stage.amount));
  if (stages && wholeHurt > 0 && Math.abs(trustPoints) > NOISE) {
    for (const { stage, amount } of stages) parts[`trust.${stage}`] = (trustPoints * amount) / wholeHurt;
  } else {
    add('trust', trustPoints);
  }
  for (const motivator of MOTIVATORS) {
    const reach = 100 * meanTrust * (1 - rules.blend.trustAlone) * rules.blend[motivator];
    add(motivator, reach * (after[motivator] - before[motivator]));
  }
  return parts;
}

export interface ShownPart {
  readonly cause: Cause;
  /** Tenths of a point, as a number such as −3.5. */
  readonly points: number;
}

/**
 * Contributions for people: rounded to tenths by the largest remainder, so that the shown parts sum to the shown change;
 * largest first, parts that round to nothing left out.
 */
export function shownParts(parts: Contributions): { delta: number; parts: ShownPart[] } {
  const exact = (Object.entries(parts) as [Cause, number][]).map(([cause, points]) => ({ cause, tenths: points * 10 }));
  const deltaTenths = Math.round(sum(exact.map((part) => part.tenths)));
  const floors = exact.map((part) => ({ ...part, shown: Math.floor(part.tenths) }));
  const missing = deltaTenths - sum(floors.map((part) => part.shown));
  const byRemainder = [...floors].sort((a, b) => b.tenths - b.shown - (a.tenths - a.shown));
  byRemainder.slice(0, missing).forEach((part) => (part.shown += 1));
  const shown = floors
    .filter((part) => part.shown !== 0)
    .sort((a, b) => Math.abs(b.shown) - Math.abs(a.shown))
    .map((part) => ({ cause: part.cause, points: part.shown / 10 }));
  return { delta: deltaTenths / 10 + 0, parts: shown };
}
