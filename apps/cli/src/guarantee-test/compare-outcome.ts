import { describeDuration, formatMoney, parseDurationMs, parseInstant } from '#libs/kernel';
import type { Outcome } from './run-timeline.js';
import type { CaseExpectation } from './timeline-case.js';

/** One thing that came out otherwise. */
export interface Difference {
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

/** What differs between what a case expects of a promise and what came of it; only what it names is compared. */
export function differencesOf(expected: CaseExpectation, { data, owed, announced }: Outcome): Difference[] {
  const found: Difference[] = [];
  const compare = (field: string, want: unknown, got: unknown, isSame = want === got): void => {
    if (want !== undefined && !isSame) found.push({ field, expected: textOf(want), got: textOf(got) });
  };
  compare('verdict', expected.verdict, data.verdict);
  compare('state', expected.state, data.state);
  compare('dueAt', expected.dueAt, data.dueAt, parseInstant(expected.dueAt) === parseInstant(data.dueAt));
  compareLateness(expected.lateBy, data.latenessMs ?? null, compare);
  compare('excuse', expected.excuse, data.excuse ?? null);
  compare('reasonCode', expected.reasonCode, owed.reasonCode);
  const lines = owed.lines.map((line) => lineText(line.label ?? line.kind, line.amountMinor, line.currency));
  const wanted = expected.compensation?.map(({ kind, amountMinor, currency }) =>
    lineText(kind, amountMinor ?? 0, currency ?? null),
  );
  compare('compensation', wanted?.sort(), lines.sort(), wanted?.join() === lines.join());
  compare('announced', expected.announced, announced, expected.announced?.join() === announced.join());
  return found;
}

function compareLateness(
  lateBy: string | null | undefined,
  latenessMs: number | null,
  compare: (field: string, want: unknown, got: unknown, isSame?: boolean) => void,
): void {
  if (lateBy === undefined) return;
  const wholeMs = latenessMs === null ? null : latenessMs - (latenessMs % 1_000);
  const got = wholeMs === null ? null : describeDuration(wholeMs);
  compare('lateBy', lateBy, got, (lateBy === null ? null : parseDurationMs(lateBy)) === wholeMs);
}

function lineText(kind: string, amountMinor: number, currency: string | null): string {
  if (kind === 'points') return `${amountMinor} points`;
  return amountMinor === 0 || currency === null ? kind : `${kind} ${formatMoney({ amountMinor, currency })}`;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'nothing' : value.join(', ');
  return value === null ? 'none' : String(value);
}
