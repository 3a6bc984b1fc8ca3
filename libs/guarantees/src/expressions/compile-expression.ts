import { EvaluationError as CelEvaluationError, ParseError, type Environment } from '@marcbachmann/cel-js';
import { EvaluationError, type Place, type PromiseView } from '../guarantee.js';
import { ValueError } from './amount.js';
import type { ArithmeticStep } from '../remedy.js';
import { arithmeticOf } from './arithmetic.js';
import { checkNames, type ExpressionFault, type KnownNames } from './check-names.js';
import { compileFast, type PathResolver } from './fast-path.js';
import { checkListSizes } from './list-bound.js';
import { durationLiterals } from './period-functions.js';
import type { ResultKind } from './result-kind.js';
import { childrenOf, memberPathOf, type SyntaxNode } from './syntax-tree.js';
import type { Tables } from './tables.js';

/** The world that an expression sees: one event, or one verdict. */
export interface ExpressionScope<S> {
  readonly environment: Environment;
  readonly known: KnownNames;
  readonly resolve: PathResolver<S>;
  /** The tables of the set, where expressions may look something up in them. */
  readonly tables?: Tables;
  context(scope: S, promise?: PromiseView): Record<string, unknown>;
  /** Which one it was, for errors; never personal data. */
  describe(scope: S): string;
}

/** Where an expression stands; `locate` turns an offset into its text into a place of the file. */
export interface ExpressionSite {
  readonly file: string;
  readonly text: string;
  locate(offset: number): Place;
}

export interface CompiledExpression<S, T> {
  readonly text: string;
  readonly place: Place;
  /** Variables that occur in it. */
  readonly variables: ReadonlySet<string>;
  /** Its tree, for whoever asks what it reads. */
  readonly tree: SyntaxNode;
  evaluate(scope: S, promise?: PromiseView): T;
  /** Its arithmetic with the values it had. @throws as `evaluate` does */
  steps(scope: S): ArithmeticStep[];
}

export type Compilation<S, T> =
  | { readonly expression: CompiledExpression<S, T>; readonly faults?: undefined }
  | { readonly faults: readonly ExpressionFault[] };

/** Parses once, checks names and types, and keeps plain paths away from the interpreter. */
export function compileExpression<S, T>(
  site: ExpressionSite,
  scope: ExpressionScope<S>,
  kind: ResultKind<T>,
): Compilation<S, T> {
  const literals = durationLiterals(site.text);
  const environment = withLiterals(scope.environment, literals);
  let parsed: ReturnType<Environment['parse']>;
  try {
    parsed = environment.parse(site.text);
  } catch (error) {
    return { faults: [syntaxFault(error)] };
  }
  const tree = parsed.ast as unknown as SyntaxNode;
  const known = literals.size === 0 ? scope.known : { ...scope.known, ...namesOf(literals) };
  const faults = checkNames(site.text, tree, known, environment, scope.tables);
  if (faults.length > 0) return { faults };
  const check = parsed.check();
  if (!check.valid) return { faults: [typeFault(check.error)] };
  const refusal = refusedResult(site.text, tree, String(check.type), kind);
  if (refusal !== null) return { faults: [refusal] };

  const place = site.locate(0);
  const fast = compileFast(tree, scope.resolve);
  const path = memberPathOf(tree);
  const hasLoop = /\.(all|exists|exists_one|map|filter)\s*\(/.test(site.text);
  const evaluate = (input: S, promise?: PromiseView): T => {
    const value = fast?.(input, promise);
    if (value === undefined && kind.isOptional && fast !== null && path !== null) return null as T;
    try {
      return kind.read(value === undefined ? interpret(input, promise) : value);
    } catch (error) {
      if (kind.isOptional && isMissing(error)) return null as T;
      throw evaluationError(site, place, scope.describe(input), error);
    }
  };
  const interpret = (input: S, promise?: PromiseView): unknown => {
    const context = scope.context(input, promise);
    if (hasLoop) checkListSizes(context);
    return parsed(context);
  };
  let explain: ReturnType<typeof arithmeticOf> | null = null;
  const steps = (input: S): ArithmeticStep[] => {
    explain ??= arithmeticOf(tree, environment);
    return explain(scope.context(input));
  };
  return { expression: { text: site.text, place, variables: new Set(variablesIn(tree)), tree, evaluate, steps } };
}

function withLiterals(environment: Environment, literals: ReturnType<typeof durationLiterals>): Environment {
  if (literals.size === 0) return environment;
  const extended = environment.clone();
  for (const [name, value] of literals) extended.registerConstant(name, 'google.protobuf.Duration', value);
  return extended;
}

const namesOf = (literals: ReadonlyMap<string, unknown>): Record<string, null> =>
  Object.fromEntries([...literals.keys()].map((name) => [name, null]));

function variablesIn(node: SyntaxNode): string[] {
  return node.op === 'id' ? [node.args as string] : childrenOf(node).flatMap(variablesIn);
}

function refusedResult<T>(text: string, tree: SyntaxNode, type: string, kind: ResultKind<T>): ExpressionFault | null {
  const family = type.replace(/<.*$/, '');
  // A number computed from an event's field may turn out to be money; one of literals alone never does.
  const isBareNumber = kind.name === 'money' && /^(u?int|double)$/.test(type) && variablesIn(tree).length === 0;
  if (!isBareNumber && !kind.refused.has(family)) return null;
  const advice = isBareNumber ? `Write money(${text}) for major units of the guarantee's currency.` : kind.advice;
  const message = `\`${text}\` gives ${family}, but ${kind.name} is needed here`;
  return { code: 'GUARANTEE_EXPRESSION_TYPE', message, advice, start: 0 };
}

function syntaxFault(error: unknown): ExpressionFault {
  if (!(error instanceof ParseError)) throw error;
  const summary = error.summary.replace('Unexpected token: EOF', 'the expression ends too early');
  const advice = 'Expressions are CEL: paths such as event.data.product, text in double quotes, == && || !.';
  const code = 'GUARANTEE_EXPRESSION_SYNTAX';
  return { code, message: `the expression cannot be read: ${summary}`, advice, start: error.range?.start ?? 0 };
}

function typeFault(
  error: { summary?: string; message: string; range?: { start: number } | undefined } | undefined,
): ExpressionFault {
  const message = `the types do not fit: ${error?.summary ?? error?.message ?? 'unknown'}`;
  const advice = 'Numbers are compared with numbers, text with text in double quotes, money with money("5.00").';
  return { code: 'GUARANTEE_EXPRESSION_TYPE', message, advice, start: error?.range?.start ?? 0 };
}

function isMissing(error: unknown): boolean {
  return error instanceof CelEvaluationError && error.code === 'no_such_key';
}

function evaluationError(site: ExpressionSite, place: Place, described: string, error: unknown): EvaluationError {
  let reason = 'it failed';
  if (isMissing(error))
    reason = `the field ${(error as CelEvaluationError).summary.replace('No such key: ', '')} is missing`;
  else if (error instanceof CelEvaluationError) reason = error.summary;
  else if (error instanceof ValueError) reason = error.message;
  const where = `${place.file ?? site.file}:${place.line}:${place.column}`;
  return new EvaluationError(`${where}  \`${site.text}\` of ${described}: ${reason}`, place, { cause: error });
}
