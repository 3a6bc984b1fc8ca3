import { differencesBetween } from './case-differences.js';
import { type Contributions } from './explanation.js';
import { trace, type Step } from './fold.js';
import type { Days, ModelEvent } from './model-event.js';
import { DEFAULT_RULESET, type Ruleset } from './parameters.js';
import { adequacy } from './recovery.js';
import { feltValue } from './experience.js';
import { readingOf } from './score.js';
import { tierOf, type Tier } from './tiers.js';

/** A worked case: events, a time, and what must come out. Only the expectations that are present are compared. */
export interface WorkedCase {
  readonly n?: number;
  readonly name?: string;
  readonly asOf: Days;
  readonly events: readonly ModelEvent[];
  readonly expected: Readonly<Record<string, unknown>>;
}

export interface WorkedCases {
  /** Greatest difference of a number that still counts as equal. */
  readonly tolerance?: number;
  readonly cases?: readonly WorkedCase[];
  readonly tierCases?: readonly { readonly score: number; readonly prev: Tier | null; readonly expected: Tier }[];
  readonly valueCases?: readonly { readonly z: number; readonly expected: number }[];
  readonly adequacyCases?: readonly { readonly a: number; readonly expected: number }[];
}

export interface Difference {
  /** Which case, such as `case 8 (late but warned)`. */
  readonly where: string;
  readonly what: string;
  readonly expected: unknown;
  readonly found: unknown;
}

export interface CasesVerdict {
  readonly checked: number;
  readonly differences: readonly Difference[];
}

const SHORT_NAMES = { experience: 'X', behaviour: 'B', voice: 'V', relationship: 'R' } as const;

/** Runs a file of worked cases through the model. */
export function checkWorkedCases(file: WorkedCases, rules: Ruleset = DEFAULT_RULESET): CasesVerdict {
  const tolerance = file.tolerance ?? 1e-6;
  const differences: Difference[] = [];
  let checked = 0;
  const compare = (where: string, expected: unknown, found: unknown): void => {
    checked += 1;
    for (const { path, ...values } of differencesBetween(expected, found, tolerance)) {
      differences.push({ where, what: path, ...values });
    }
  };
  for (const each of file.cases ?? []) {
    const found = resultOf(each, rules);
    const known = Object.entries(each.expected).filter(([name]) => name in found);
    if (known.length === 0) {
      const what = `one of ${Object.keys(found).join(', ')}`;
      differences.push({ where: nameOf(each), what: 'expected', expected: each.expected, found: what });
    }
    compare(nameOf(each), Object.fromEntries(known), found);
  }
  for (const { score, prev, expected } of file.tierCases ?? []) {
    compare(`tier of ${score} after ${prev ?? 'none'}`, expected, tierOf(score, prev, rules));
  }
  for (const { z, expected } of file.valueCases ?? []) compare(`value of ${z}`, expected, feltValue(z, rules));
  for (const { a, expected } of file.adequacyCases ?? []) compare(`adequacy of ${a}`, expected, adequacy(a, rules));
  return { checked, differences };
}

function nameOf({ n, name }: WorkedCase): string {
  return `case${n === undefined ? '' : ` ${n}`}${name === undefined ? '' : ` (${name})`}`;
}

/** The model's answer under the names that case files use. */
function resultOf(each: WorkedCase, rules: Ruleset): Record<string, unknown> {
  const { state, steps } = trace(each.events, each.asOf, rules);
  const { components, ...reading } = readingOf(state, each.asOf, null, rules);
  const { behaviourParts: behaviour, relationshipParts: relationship } = components;
  return {
    score: reading.score,
    H: components.trust,
    D: components.debt,
    M: components.motivation,
    X: components.experience,
    B: components.behaviour,
    V: components.voice,
    R: components.relationship,
    pAlive: behaviour.alive,
    behaviour: [behaviour.alive, behaviour.repeat, behaviour.trend, behaviour.breadth, behaviour.referrals],
    relationship: [relationship.cadence, relationship.tenure, relationship.warmth, relationship.ties],
    tier: reading.tier,
    segment: reading.segment,
    churnRisk: reading.churnRisk,
    gesture: reading.gesture,
    expectedLateness: state.expectedLateness,
    trace: steps.slice(-3).map(stepForCase),
  };
}

function stepForCase(step: Step): Record<string, unknown> {
  const flags = [...(step.doubleDeviation ? ['doubleDeviation'] : []), ...(step.paradox ? ['paradox'] : [])];
  const { compensation, ...otherParts } = step.recovery?.parts ?? {};
  return {
    id: step.id,
    type: step.type,
    at: step.at,
    time: shortly(step.byTime),
    event: shortly(step.byEvent),
    before: step.before,
    after: step.after,
    delta: step.delta,
    ...(step.recovery ? { q: step.recovery.quality, qParts: { adequacy: compensation, ...otherParts } } : {}),
    ...(flags.length > 0 ? { flags } : {}),
  };
}

function shortly(parts: Contributions): Record<string, number> {
  return Object.fromEntries(
    Object.entries(parts).map(([cause, points]) => [SHORT_NAMES[cause as keyof typeof SHORT_NAMES] ?? cause, points]),
  );
}
