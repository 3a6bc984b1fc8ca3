import { Duration } from '@marcbachmann/cel-js/evaluator';
import type { VerdictScope } from '../remedy.js';
import { amountOf, type Amount } from './amount.js';

/** Variables of an expression over a verdict with their CEL types. */
export const VERDICT_VARIABLES = {
  base: 'map<string, Money>',
  facts: 'map<string, dyn>',
  lateness: 'google.protobuf.Duration',
  latenessMs: 'int',
  latenessDays: 'int',
  openedAt: 'google.protobuf.Timestamp',
  dueAt: 'google.protobuf.Timestamp',
  decidedAt: 'google.protobuf.Timestamp',
  completedAt: 'google.protobuf.Timestamp',
  completed: 'bool',
  cancelled: 'bool',
  failed: 'bool',
  rescheduled: 'int',
  excuse: 'string',
  pieces: 'map<string, int>',
  paused: 'map<string, google.protobuf.Duration>',
  claim: 'map<string, dyn>',
} as const;

/** A verdict of which nothing is known: for expressions that are the same for all. */
export const NO_VERDICT: VerdictScope = {
  base: {},
  facts: {},
  latenessMs: null,
  latenessDays: null,
  openedAtMs: 0,
  dueAtMs: 0,
  decidedAtMs: 0,
  completedAtMs: null,
  cancelledAtMs: null,
  failed: false,
  rescheduled: 0,
  excuse: null,
  pieces: null,
  pauses: [],
  claim: null,
};

/** The fields of those variables that have some of their own. */
export const VERDICT_FIELDS: Readonly<Record<string, readonly string[]>> = {
  pieces: ['count', 'late'],
  claim: ['filed', 'at', 'channel', 'wants'],
};

/** Those that a breach has only once the thing promised was done, late. */
export const LATENESS_VARIABLES: ReadonlySet<string> = new Set([
  'lateness',
  'latenessMs',
  'latenessDays',
  'completedAt',
]);

/** The variables of an expression over a verdict; a fact that the opening did not have is null. */
export function verdictContext(scope: VerdictScope, factNames: readonly string[]): Record<string, unknown> {
  const base: Record<string, Amount> = {};
  for (const [name, money] of Object.entries(scope.base)) base[name] = amountOf(money) as Amount;
  const { claim } = scope;
  const context: Record<string, unknown> = {
    base,
    facts: { ...Object.fromEntries(factNames.map((name) => [name, null])), ...scope.facts },
    openedAt: new Date(scope.openedAtMs),
    dueAt: new Date(scope.dueAtMs),
    decidedAt: new Date(scope.decidedAtMs),
    completed: scope.completedAtMs !== null,
    cancelled: scope.cancelledAtMs !== null,
    failed: scope.failed,
    rescheduled: BigInt(scope.rescheduled),
    excuse: scope.excuse ?? '',
    pieces: { count: BigInt(scope.pieces?.count ?? 1), late: BigInt(scope.pieces?.late ?? 1) },
    paused: pausedByReason(scope),
    claim: {
      filed: claim !== null,
      at: claim === null ? null : new Date(claim.atMs),
      channel: claim?.channel ?? '',
      wants: claim?.wants ?? '',
    },
  };
  if (scope.latenessMs !== null) {
    context['latenessMs'] = BigInt(scope.latenessMs);
    context['lateness'] = Duration.fromMilliseconds(scope.latenessMs);
  }
  if (scope.latenessDays !== null) context['latenessDays'] = BigInt(scope.latenessDays);
  if (scope.completedAtMs !== null) context['completedAt'] = new Date(scope.completedAtMs);
  return context;
}

function pausedByReason({ pauses }: VerdictScope): Record<string, Duration> {
  const sumMs: Record<string, number> = {};
  for (const { reason, fromMs, untilMs } of pauses) sumMs[reason] = (sumMs[reason] ?? 0) + untilMs - fromMs;
  return Object.fromEntries(
    Object.entries(sumMs).map(([reason, lengthMs]) => [reason, Duration.fromMilliseconds(lengthMs)]),
  );
}
