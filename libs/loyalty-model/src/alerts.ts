import type { Days } from './model-event.js';
import { DEFAULT_RULESET, type Ruleset } from './parameters.js';

export type RiskLevel = 'none' | 'warn' | 'critical';
export type RiskCause = 'churn_risk' | 'score_fell' | 'tier_fell' | 'double_deviation';

/** What was already alerted for a customer: plain JSON, stored beside the state. */
export interface RiskWatch {
  /** The level of churn risk that was raised and not cleared. */
  readonly level: RiskLevel;
  readonly raisedAt: Days | null;
}

/** What is known when the watch is asked; `scoreAgo` is the score at the start of the fall window, null when unknown. */
export interface RiskSigns {
  readonly at: Days;
  readonly churnRisk: number;
  readonly score: number;
  readonly scoreAgo: number | null;
  readonly tierFell: boolean;
  readonly doubleDeviation: boolean;
}

export interface RiskVerdict {
  readonly watch: RiskWatch;
  readonly raised: { readonly level: 'warn' | 'critical'; readonly causes: readonly RiskCause[] } | null;
  readonly cleared: boolean;
}

export const CALM: RiskWatch = { level: 'none', raisedAt: null };

const RANK: Readonly<Record<RiskLevel, number>> = { none: 0, warn: 1, critical: 2 };

/**
 * Decides whether to alert. After an alert there is quiet for the cooldown, which only a rise to critical and a double
 * deviation break; a level held back by the quiet is raised after it, and re-arms only when the risk has fallen well below.
 */
export function watchRisk(watch: RiskWatch, signs: RiskSigns, rules: Ruleset = DEFAULT_RULESET): RiskVerdict {
  const { fallPoints, cooldownDays } = rules.alerts;
  const quiet = watch.raisedAt !== null && signs.at - watch.raisedAt < cooldownDays;
  const held = levelStillHeld(watch.level, signs.churnRisk, rules);
  const reached = levelOf(signs.churnRisk, rules);
  const rises = RANK[reached] > RANK[held] && (!quiet || reached === 'critical');
  const fell = signs.scoreAgo !== null && signs.scoreAgo - signs.score >= fallPoints;

  const causes: RiskCause[] = [];
  if (rises) causes.push('churn_risk');
  if (fell && !quiet) causes.push('score_fell');
  if (signs.tierFell && !quiet) causes.push('tier_fell');
  if (signs.doubleDeviation) causes.push('double_deviation');

  const level = rises ? reached : held;
  const raised = causes.length > 0 ? { level: level === 'critical' ? level : ('warn' as const), causes } : null;
  return {
    watch: { level, raisedAt: raised ? signs.at : watch.raisedAt },
    raised,
    cleared: watch.level !== 'none' && level === 'none',
  };
}

function levelOf(churnRisk: number, rules: Ruleset): RiskLevel {
  if (churnRisk >= rules.alerts.criticalFrom) return 'critical';
  return churnRisk >= rules.alerts.warnFrom ? 'warn' : 'none';
}

/** A raised level holds until the risk is below its threshold by the re-arming distance. */
function levelStillHeld(level: RiskLevel, churnRisk: number, rules: Ruleset): RiskLevel {
  const { warnFrom, criticalFrom, rearmBelow } = rules.alerts;
  if (level === 'critical' && churnRisk >= criticalFrom - rearmBelow) return 'critical';
  return level !== 'none' && churnRisk >= warnFrom - rearmBelow ? 'warn' : 'none';
}

/** The time whose score is `scoreAgo` of signs taken at `at`. */
export function fallWindowStart(at: Days, rules: Ruleset = DEFAULT_RULESET): Days {
  return at - rules.alerts.fallWindowDays;
}
