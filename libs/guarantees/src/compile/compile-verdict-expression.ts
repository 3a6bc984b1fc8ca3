import type { YAMLMap } from 'yaml';
import type { VerdictExpression, VerdictScope } from '../remedy.js';
import type { CompiledExpression, ExpressionScope } from '../expressions/compile-expression.js';
import type { ResultKind } from '../expressions/result-kind.js';
import { childrenOf, memberPathOf, type SyntaxNode } from '../expressions/syntax-tree.js';
import { LATENESS_VARIABLES } from '../expressions/verdict-scope.js';
import type { TermsReader } from './terms-reader.js';

/** Reads expressions over the verdict, each with what it depends on. */
export class VerdictReader {
  constructor(
    readonly terms: TermsReader,
    private readonly scope: ExpressionScope<VerdictScope>,
  ) {}

  /** null where the field is absent or wrong. */
  read<T>(node: YAMLMap, field: string, kind: ResultKind<T>): VerdictExpression<T> | null {
    const compiled = this.terms.verdictExpression(node, field, this.scope, kind);
    return compiled === null ? null : verdictExpression(compiled);
  }
}

function verdictExpression<T>(compiled: CompiledExpression<VerdictScope, T>): VerdictExpression<T> {
  return {
    text: compiled.text,
    place: compiled.place,
    needsLateness: [...LATENESS_VARIABLES].some((name) => compiled.variables.has(name)),
    bases: [...new Set(basesIn(compiled.tree))],
    evaluate: compiled.evaluate,
    steps: compiled.steps,
  };
}

function basesIn(node: SyntaxNode): string[] {
  const path = memberPathOf(node);
  if (path !== null) return path.names[0] === 'base' && path.names[1] !== undefined ? [path.names[1]] : [];
  return childrenOf(node).flatMap(basesIn);
}
