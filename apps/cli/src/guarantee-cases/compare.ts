import { parseDurationMs } from '#libs/kernel';
import type { CaseLine, CaseOutcome } from './scheme-case.js';

/** What differs between the two, in words; nothing when they agree. Lines are compared in any order. */
export function differences(expected: CaseOutcome, actual: CaseOutcome): string[] {
  const differing: string[] = [];
  const compare = (name: string, want: unknown, got: unknown): void => {
    if (JSON.stringify(want) !== JSON.stringify(got))
      differing.push(`${name}: expected ${JSON.stringify(want)}, got ${JSON.stringify(got)}`);
  };
  compare('breached', expected.breached, actual.breached);
  if (!isSameLateness(expected.lateBy, actual.lateBy)) compare('lateBy', expected.lateBy, actual.lateBy);
  compare('compensation', inOrder(expected.compensation), inOrder(actual.compensation));
  compare('reasonCode', expected.reasonCode, actual.reasonCode);
  return differing;
}

/** Nothing late is nothing late, in days or seconds; otherwise the text says how the scheme counts. */
function isSameLateness(a: string | null, b: string | null): boolean {
  if (a === b) return true;
  return a !== null && b !== null && parseDurationMs(a) === 0 && parseDurationMs(b) === 0;
}

function inOrder(lines: readonly CaseLine[]): CaseLine[] {
  const plain = lines.map(({ kind, amountMinor, currency }) => ({ kind, amountMinor, currency }));
  return plain.sort((a, b) => a.kind.localeCompare(b.kind, 'en') || a.amountMinor - b.amountMinor);
}

/** The four fields alone, for reports. */
export function outcomeOnly({ breached, lateBy, compensation, reasonCode }: CaseOutcome): CaseOutcome {
  return { breached, lateBy, compensation: inOrder(compensation), reasonCode };
}
