import { compileTerms } from '#libs/calendar';
import { compileGuarantees } from './compile/compile-guarantees.js';
import type { TermsFile } from './compile/set/set-terms.js';
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

/** Monday to Friday, 09:00 to 17:00, in Berlin; closed on 25 and 28 December 2026. */
export const OFFICE_HOURS: TermsFile = calendarFile('office-hours', 9, 17);

function calendarFile(name: string, fromHour: number, untilHour: number): TermsFile {
  const open = [[fromHour * 3_600_000, untilHour * 3_600_000]] as const;
  const week = [open, open, open, open, open, [], []];
  const holidays = ['2026-12-25', '2026-12-28'].map((date) => Date.parse(date) / 86_400_000);
  const { calendar } = compileTerms({ name, timeZone: 'Europe/Berlin', week, changes: [], holidays }, 'test');
  return { kind: 'calendar', file: `calendars/${name}.yaml`, text: '', compiled: JSON.stringify(calendar) };
}

/** Compiles one sample; throws with the problems where there are any. */
export function sample(parts: Parts = {}, others: readonly TermsFile[] = []): Guarantee {
  const compiled = compileGuarantees([{ file: 'guarantees/sample.yaml', text: textOf(parts) }, ...others]);
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
