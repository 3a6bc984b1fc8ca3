import { Duration } from '@marcbachmann/cel-js/evaluator';
import type { VerdictScope } from '../guarantee.js';
import { amountOf, type Amount } from './amount.js';

/** Variables of an expression over a verdict with their CEL types. */
export const VERDICT_VARIABLES = {
  base: 'map<string, Money>',
  facts: 'map<string, dyn>',
  lateness: 'google.protobuf.Duration',
  latenessMs: 'int',
  dueAt: 'google.protobuf.Timestamp',
  completedAt: 'google.protobuf.Timestamp',
  completed: 'bool',
} as const;

/** Those that a breach has only once the thing promised was done, late. */
export const LATENESS_VARIABLES: ReadonlySet<string> = new Set(['lateness', 'latenessMs', 'completedAt']);

/** The variables of an expression over a verdict; a fact that the opening did not have is null. */
export function verdictContext(scope: VerdictScope, factNames: readonly string[]): Record<string, unknown> {
  const base: Record<string, Amount> = {};
  for (const [name, money] of Object.entries(scope.base)) base[name] = amountOf(money) as Amount;
  const context: Record<string, unknown> = {
    base,
    facts: { ...Object.fromEntries(factNames.map((name) => [name, null])), ...scope.facts },
    dueAt: new Date(scope.dueAtMs),
    completed: scope.completedAtMs !== null,
  };
  if (scope.latenessMs !== null) {
    context['latenessMs'] = BigInt(scope.latenessMs);
    context['lateness'] = Duration.fromMilliseconds(scope.latenessMs);
  }
  if (scope.completedAtMs !== null) context['completedAt'] = new Date(scope.completedAtMs);
  return context;
}
