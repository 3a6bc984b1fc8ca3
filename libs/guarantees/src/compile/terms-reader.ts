import { isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';
import { parseDurationMs } from '#libs/kernel';
import type { FactView, Place } from '../guarantee.js';
import type { VerdictScope } from '../remedy.js';
import { compileExpression, type CompiledExpression, type ExpressionScope } from '../expressions/compile-expression.js';
import type { ResultKind } from '../expressions/result-kind.js';
import { offsetInScalar, type SourceFile } from './source-file.js';

/** Reads the terms of a file whose shape has been checked; what is wrong with expressions is reported. */
export class TermsReader {
  constructor(
    readonly source: SourceFile,
    readonly event: ExpressionScope<FactView>,
  ) {}

  map(parent: YAMLMap, field: string): YAMLMap | null {
    const node = parent.get(field, true) as unknown;
    return isMap(node) ? node : null;
  }

  maps(parent: YAMLMap, field: string): YAMLMap[] {
    const node = parent.get(field, true) as unknown;
    return isSeq(node) ? node.items.filter((item) => isMap(item)) : [];
  }

  text(parent: YAMLMap, field: string): string | null {
    const value: unknown = parent.get(field);
    return typeof value === 'string' ? value : null;
  }

  integer(parent: YAMLMap, field: string): number | null {
    const value: unknown = parent.get(field);
    return typeof value === 'number' ? value : null;
  }

  durationMs(parent: YAMLMap, field: string): number | null {
    return parseDurationMs(this.text(parent, field));
  }

  /** The offset at which a field's name stands, or the mapping itself where there is no such field. */
  offsetOf(parent: YAMLMap, field?: string): number {
    const pair = (parent.items as Pair<Node, Node>[]).find(({ key }) => isScalar(key) && key.value === field);
    return pair?.key.range?.[0] ?? (parent.items[0] as Pair<Node> | undefined)?.key.range?.[0] ?? 0;
  }

  place(parent: YAMLMap, field?: string): Place {
    return this.source.placeAt(this.offsetOf(parent, field));
  }

  /** Last line of a mapping's text. */
  endLine(node: YAMLMap): number {
    const [start, end] = node.range ?? [0, 0];
    return this.source.placeAt(start + this.source.text.slice(start, end).trimEnd().length).line;
  }

  /** An expression over one event; null where the field is absent or wrong. */
  expression<T>(parent: YAMLMap, field: string, kind: ResultKind<T>): CompiledExpression<FactView, T> | null {
    return this.compile(parent, field, this.event, kind);
  }

  /** The expressions of a mapping with names of the author's own. */
  expressions<T>(
    parent: YAMLMap,
    field: string,
    kind: ResultKind<T>,
  ): Readonly<Record<string, CompiledExpression<FactView, T>>> {
    const map = this.map(parent, field);
    const named: Record<string, CompiledExpression<FactView, T>> = {};
    for (const { key } of (map?.items ?? []) as Pair<Scalar>[]) {
      const name = String(key.value);
      const compiled = this.expression(map as YAMLMap, name, kind);
      if (compiled !== null) named[name] = compiled;
    }
    return named;
  }

  verdictExpression<T>(
    parent: YAMLMap,
    field: string,
    scope: ExpressionScope<VerdictScope>,
    kind: ResultKind<T>,
  ): CompiledExpression<VerdictScope, T> | null {
    return this.compile(parent, field, scope, kind);
  }

  private compile<S, T>(parent: YAMLMap, field: string, scope: ExpressionScope<S>, kind: ResultKind<T>) {
    const node = parent.get(field, true) as unknown;
    if (!isScalar(node)) return null;
    const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    const offset = (index: number): number => offsetInScalar(this.source.text, node, text, index);
    const site = { file: this.source.file, text, locate: (index: number) => this.source.placeAt(offset(index)) };
    const compiled = compileExpression(site, scope, kind);
    if (compiled.faults === undefined) return compiled.expression;
    for (const { code, message, advice, start } of compiled.faults) {
      this.source.report(code, `${field}: ${message}`, advice, offset(start));
    }
    return null;
  }
}
