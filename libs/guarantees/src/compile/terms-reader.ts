import { isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';
import type { WorkingCalendar, Zone } from '#libs/calendar';
import { parseDurationMs } from '#libs/kernel';
import type { FactView, Place } from '../guarantee.js';
import type { VerdictScope } from '../remedy.js';
import { compileExpression, type CompiledExpression, type ExpressionScope } from '../expressions/compile-expression.js';
import { suggest } from '../expressions/check-names.js';
import type { ResultKind } from '../expressions/result-kind.js';
import { eventScope, evidenceScope } from '../expressions/scopes.js';
import { Tables } from '../expressions/tables.js';
import type { SetTerms } from './set/set-terms.js';
import { offsetInScalar, type SourceFile } from './source-file.js';

/** Reads the terms of a file whose shape has been checked; what is wrong with expressions is reported. */
export class TermsReader {
  readonly tables: Tables;
  private readonly opening: ExpressionScope<FactView>;
  private readonly evidence: ExpressionScope<FactView>;
  private readonly usedZones = new Map<string, Zone>();
  private readonly usedCalendars = new Map<string, WorkingCalendar>();

  constructor(
    readonly source: SourceFile,
    currency: string,
    private readonly set: SetTerms,
  ) {
    this.tables = new Tables(set.tables);
    this.opening = eventScope(currency, this.tables);
    this.evidence = evidenceScope(currency, this.tables);
  }

  /** @param name one that the shape check has let pass */
  zone(name: string): Zone {
    const zone = this.set.zone(name);
    this.usedZones.set(name, zone);
    return zone;
  }

  /** null, and reported, where the set has no such calendar. */
  calendar(parent: YAMLMap, field: string, name: string): WorkingCalendar | null {
    const calendar = this.set.calendars.get(name);
    if (calendar !== undefined) {
      this.usedCalendars.set(name, calendar);
      return calendar;
    }
    const known = [...this.set.calendars.keys()];
    const advice = known.length > 0 ? suggest(name, known) : `Put calendars/${name}.yaml into the set.`;
    const message = `${field}: there is no calendar \`${name}\` in the set`;
    this.source.report('GUARANTEE_UNKNOWN_CALENDAR', message, advice, this.offsetOf(parent, field));
    return null;
  }

  zonesUsed(): string[] {
    return [...this.usedZones.keys()].sort();
  }

  /** What beside its text decides what the guarantee means, each with its hash. */
  used(): (readonly [kind: string, name: string, hash: string])[] {
    return [
      ...[...this.usedCalendars.values()].map(({ name, hash }) => ['calendar', name, hash] as const),
      ...this.tables.usedTables().map(({ name, hash }) => ['table', name, hash] as const),
      ...[...this.usedZones.values()].map(({ name, hash }) => ['zone', name, hash] as const),
    ].sort((a, b) => (a.join(' ') < b.join(' ') ? -1 : 1));
  }

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

  /** An expression over the opening event; null where the field is absent or wrong. */
  expression<T>(parent: YAMLMap, field: string, kind: ResultKind<T>): CompiledExpression<FactView, T> | null {
    return this.compile(parent, field, this.opening, kind);
  }

  /** An expression over an event that speaks about a promise: `due`, `openedAt` and `opening` can be read too. */
  evidenceExpression<T>(parent: YAMLMap, field: string, kind: ResultKind<T>): CompiledExpression<FactView, T> | null {
    return this.compile(parent, field, this.evidence, kind);
  }

  /** A duration as ISO 8601 has it, or an expression that gives one. */
  durationOrExpression<T>(parent: YAMLMap, field: string, kind: ResultKind<T>): CompiledExpression<FactView, T> | null {
    const text = this.text(parent, field);
    const fixedMs = parseDurationMs(text);
    if (text === null || fixedMs === null) return this.expression(parent, field, kind);
    const fixed = kind.read(text);
    const place = this.place(parent, field);
    const tree = { op: 'value', args: text, start: 0, end: text.length };
    return { text, place, variables: new Set(), tree, evaluate: () => fixed, steps: () => [] };
  }

  /** The expressions of a mapping with names of the author's own. */
  expressions<T>(
    parent: YAMLMap,
    field: string,
    kind: ResultKind<T>,
    compile: 'expression' | 'evidenceExpression' = 'expression',
  ): Readonly<Record<string, CompiledExpression<FactView, T>>> {
    const map = this.map(parent, field);
    const named: Record<string, CompiledExpression<FactView, T>> = {};
    for (const { key } of (map?.items ?? []) as Pair<Scalar>[]) {
      const name = String(key.value);
      const compiled = this[compile](map as YAMLMap, name, kind);
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
