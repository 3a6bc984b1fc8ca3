import type { InstantMs, Problem } from '#libs/kernel';
import { EvaluationError } from '../guarantee.js';
import { compileExpression, type ExpressionScope } from '../expressions/compile-expression.js';
import { disruptionEnvironment } from '../expressions/environment.js';
import { memberReader } from '../expressions/fast-path.js';
import { CONDITION } from '../expressions/result-kind.js';

/** What the scope of a disruption sees of a promise. */
export interface DisruptionView {
  readonly guarantee: string;
  readonly promiseType: string;
  readonly subject: string;
  readonly customer: string;
  readonly owner: string | null;
  readonly group: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly refs: Readonly<Record<string, string>>;
  readonly openedAtMs: InstantMs;
  readonly dueAtMs: InstantMs;
}

export type DisruptionScope =
  | { readonly problems?: undefined; matches(view: DisruptionView): boolean }
  | { readonly problems: readonly Problem[]; readonly matches?: undefined };

const VARIABLES = {
  guarantee: 'string',
  promiseType: 'string',
  subject: 'string',
  customer: 'string',
  owner: 'dyn',
  group: 'dyn',
  facts: 'map<string, dyn>',
  refs: 'map<string, dyn>',
  openedAt: 'google.protobuf.Timestamp',
  dueAt: 'google.protobuf.Timestamp',
} as const;

const SCOPE: ExpressionScope<DisruptionView> = {
  environment: disruptionEnvironment(VARIABLES),
  known: Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, null])),
  resolve(names) {
    const [variable] = names;
    if (variable === 'openedAt' || variable === 'dueAt' || names.length === 0) return null;
    return memberReader(names);
  },
  context: ({ openedAtMs, dueAtMs, ...view }) => ({
    ...view,
    openedAt: new Date(openedAtMs),
    dueAt: new Date(dueAtMs),
  }),
  describe: ({ subject }) => `the promise about ${subject}`,
};

/**
 * Compiles the scope of a disruption, a CEL condition over a promise such as `facts.region in ["RS"]`. A promise that
 * has no such fact, or one of another kind than the scope compares with, is outside.
 */
export function compileDisruptionScope(text: string): DisruptionScope {
  const site = { file: 'scope', text, locate: (offset: number) => ({ line: 1, column: offset + 1 }) };
  const compiled = compileExpression(site, SCOPE, CONDITION);
  if (compiled.faults !== undefined) {
    const problems = compiled.faults.map(({ message, advice, start }): Problem => {
      const at = { file: 'scope', line: 1, column: start + 1 };
      return { code: 'DISRUPTION_SCOPE_INVALID', detail: `scope: ${message}`, advice, at };
    });
    return { problems };
  }
  const { expression } = compiled;
  return {
    matches(view) {
      try {
        return expression.evaluate(view);
      } catch (error) {
        if (error instanceof EvaluationError) return false;
        throw error;
      }
    },
  };
}
