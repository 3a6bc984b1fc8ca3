import { MOTIVATORS, type Components, type Motivator } from '../components.js';
import { DEFAULT_RULESET, type Ruleset } from '../parameters.js';
import { churnRiskOf } from '../tiers.js';
import { areaUnderCurve, deciles, type Decile } from './ranking.js';
import { fittedWeights } from './weights.js';

/** A customer at the moment of the prediction, and what became of them within the horizon. */
export interface BacktestRow {
  readonly components: Components;
  /** Ordered again within the horizon. */
  readonly stayed: boolean;
}

export interface Backtest {
  readonly customers: number;
  readonly churned: number;
  /** Of the churn risk: 0.5 is a guess, 1 a prophecy. Null when all or none churned. */
  readonly areaUnderCurve: number | null;
  /** Tenths by predicted risk, low to high: predicted and real share of those who left. */
  readonly calibration: readonly Decile[];
  /** Of the score as a forecast of who stays. */
  readonly scoreAreaUnderCurve: number | null;
  /** What the score's forecast loses without a component; below 0: it forecasts better without. */
  readonly lift: Readonly<Record<Motivator | 'trust', number | null>>;
  /** Weights that would have told best; null with too few who left or stayed. */
  readonly suggestedWeights: Readonly<Record<Motivator, number>> | null;
}

/** Fewer who left (or stayed) teach no weights. */
const LEAST_TO_LEARN = 500;

/** The model's predictions against what happened. Pure: the same rows give the same answer, in any order. */
export function backtest(rows: readonly BacktestRow[], rules: Ruleset = DEFAULT_RULESET): Backtest {
  const byRisk = rows.map(({ components, stayed }) => ({
    predicted: churnRiskOf(components, rules),
    happened: !stayed,
  }));
  const full = scoreCurve(rows, rules, null);
  const without = (name: Motivator | 'trust'): number | null => {
    const left = scoreCurve(rows, rules, name);
    return full === null || left === null ? null : full - left;
  };
  return {
    customers: rows.length,
    churned: byRisk.filter(({ happened }) => happened).length,
    areaUnderCurve: areaUnderCurve(byRisk),
    calibration: deciles(byRisk),
    scoreAreaUnderCurve: full,
    lift: {
      trust: without('trust'),
      experience: without('experience'),
      behaviour: without('behaviour'),
      voice: without('voice'),
      relationship: without('relationship'),
    },
    suggestedWeights: fittedWeights(
      rows.map(({ components, stayed }) => ({ ...motivatorsOf(components), stayed })),
      LEAST_TO_LEARN,
    ),
  };
}

/** How well the score tells who stays, with one component taken out of it. */
function scoreCurve(rows: readonly BacktestRow[], rules: Ruleset, without: Motivator | 'trust' | null): number | null {
  const { blend } = rules;
  return areaUnderCurve(
    rows.map(({ components, stayed }) => {
      const kept = MOTIVATORS.filter((name) => name !== without);
      const motivation = kept.reduce((sum, name) => sum + blend[name] * components[name], 0);
      const merit = blend.trustAlone + (1 - blend.trustAlone) * motivation;
      return { predicted: (without === 'trust' ? 1 : components.trust) * merit, happened: stayed };
    }),
  );
}

function motivatorsOf({ experience, behaviour, voice, relationship }: Components): Record<Motivator, number> {
  return { experience, behaviour, voice, relationship };
}
