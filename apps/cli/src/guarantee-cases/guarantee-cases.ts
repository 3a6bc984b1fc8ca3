import { readFileSync } from 'node:fs';
import { EvaluationError } from '#libs/guarantees';
import { ProblemError } from '#libs/kernel';
import type { Terminal } from '../terminal/terminal.js';
import { differences, outcomeOnly } from './compare.js';
import { outcomeOf } from './run-case.js';
import { withInput, type CaseOutcome, type SchemeCase } from './scheme-case.js';
import { SchemeGuarantees } from './scheme-guarantees.js';
import { loadShippedCalendars } from './shipped-calendars.js';

export interface CaseResult {
  readonly id: string;
  readonly expected: CaseOutcome;
  readonly actual: CaseOutcome | { readonly error: string };
  /** Nothing: as expected. */
  readonly differences: readonly string[];
}

/** `guarantee cases CASES.json`: each case under the guarantee named in it, through the engines. @returns exit code */
export async function guaranteeCases(
  file: string,
  options: { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const results = await checkCases(readCases(file));
  const failures = results.filter((result) => result.differences.length > 0);
  const [passed, failed] = [results.length - failures.length, failures.length];
  if (options.json) {
    terminal.json({ passed, failed, failures: failures.map(({ id, expected, actual }) => ({ id, expected, actual })) });
  } else {
    for (const { id, differences: differing } of results)
      terminal.line(differing.length === 0 ? `✓ ${id}` : `✗ ${id}  ${differing.join('; ')}`);
    terminal.line(`${failed === 0 ? '✓' : '✗'} ${passed} as expected, ${failed} not`);
  }
  return failed === 0 ? 0 : 1;
}

export async function checkCases(cases: readonly SchemeCase[]): Promise<CaseResult[]> {
  const guarantees = new SchemeGuarantees(await loadShippedCalendars());
  return cases.map((given) => checkCase(withInput(given), guarantees));
}

function checkCase(given: SchemeCase, guarantees: SchemeGuarantees): CaseResult {
  const expected = outcomeOnly(given.expected);
  try {
    const actual = outcomeOnly(outcomeOf(given, guarantees.find(given.scheme, given.input.calendar)));
    return { id: given.id, expected, actual, differences: differences(expected, actual) };
  } catch (error) {
    if (!(error instanceof ProblemError || error instanceof EvaluationError)) throw error;
    return { id: given.id, expected, actual: { error: error.message }, differences: [error.message] };
  }
}

function readCases(file: string): SchemeCase[] {
  const document: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const isCases = Array.isArray(document) && document.every((each) => typeof each === 'object' && 'scheme' in each);
  if (isCases) return document as SchemeCase[];
  const detail = `a list of cases, each with id, scheme, input and expected, in ${file} → something else`;
  throw new ProblemError({
    code: 'FIELD_INVALID',
    detail,
    advice: 'See guarantees/schemes/*.cases.json for the form.',
  });
}
