import { compileGuarantees } from './compile/compile-guarantees.js';
import { UNMOVED, type ComputedDue, type FactView, type Guarantee } from './guarantee.js';
import { NO_VERDICT } from './expressions/verdict-scope.js';
import type { VerdictScope } from './remedy.js';

/** For tests: a small guarantee whose parts can be exchanged, each given as YAML. */
export interface Parts {
  readonly name?: string;
  readonly version?: number;
  readonly root?: string;
  readonly opens?: string;
  readonly due?: string;
  readonly evidence?: string;
  readonly remedies?: string;
  readonly currency?: string;
  readonly promiseType?: string;
}

export function textOf(parts: Parts = {}): string {
  return `apiVersion: makegood/v1
kind: Guarantee
name: ${parts.name ?? 'sample'}
version: ${parts.version ?? 1}
title: A sample
promiseType: ${parts.promiseType ?? 'delivery'}
currency: ${parts.currency ?? 'EUR'}
timeZone: Europe/Berlin
${parts.root ?? ''}
opens:
  on: a.opened
  ${parts.opens ?? 'customer: event.data.c'}
due: ${parts.due ?? '{ within: PT3M }'}
evidence:
  ${parts.evidence ?? 'kept: [{ on: a.done }]'}
remedies: ${parts.remedies ?? '[]'}
`;
}

/** Compiles one sample; throws with the problems where there are any. */
export function sample(parts: Parts = {}): Guarantee {
  const compiled = compileGuarantees([{ file: 'guarantees/sample.yaml', text: textOf(parts) }]);
  const [guarantee] = compiled.guarantees ?? [];
  if (guarantee === undefined) throw new Error(JSON.stringify(compiled.problems, null, 2));
  return guarantee;
}

export function fact(data: Record<string, unknown>, more: Partial<FactView> = {}): FactView {
  return {
    id: 'e1',
    source: 'test',
    type: 'a.opened',
    subject: 'S-1',
    occurredAtMs: Date.UTC(2026, 0, 5, 9),
    data,
    ...more,
  };
}

/** The due of an opening that nothing has moved. */
export function dueOf(guarantee: Guarantee, opening: FactView): ComputedDue {
  const due = guarantee.due.compute(opening, UNMOVED);
  if (due === null) throw new Error('this opening is promised nothing');
  return due;
}

/** A breach of which nothing more is known. */
export function breachScope(more: Partial<VerdictScope> = {}): VerdictScope {
  return { ...NO_VERDICT, ...more };
}
