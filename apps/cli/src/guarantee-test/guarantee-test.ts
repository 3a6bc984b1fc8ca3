import { readFileSync } from 'node:fs';
import { EvaluationError, type Guarantee } from '#libs/guarantees';
import { ProblemError } from '#libs/kernel';
import { guaranteeIn } from '../judging/guarantee-in.js';
import type { Terminal } from '../terminal/terminal.js';
import { differencesOf, type Difference } from './compare-outcome.js';
import { runTimeline, type Outcome } from './run-timeline.js';
import { readTimelineCases, type TimelineCase } from './timeline-case.js';

export interface TestResult {
  readonly guarantee: string;
  readonly id: string;
  /** Nothing: as expected. */
  readonly differences: readonly (Difference & { readonly because: string })[];
}

/** `guarantee test FILE…`: each guarantee against the cases beside it (`NAME.cases.json`). @returns exit code */
export async function testGuarantees(
  files: readonly string[],
  options: { readonly json?: boolean; readonly verbose?: boolean },
  terminal: Terminal,
): Promise<number> {
  const results: TestResult[] = [];
  for (const file of files) results.push(...(await testFile(file)));
  const failures = results.filter(({ differences }) => differences.length > 0);
  const [passed, failed] = [results.length - failures.length, failures.length];
  if (options.json) terminal.json({ passed, failed, failures });
  else {
    for (const result of options.verbose ? results : failures)
      for (const line of resultLines(result)) terminal.line(line);
    terminal.line(`${failed === 0 ? '✓' : '✗'} ${passed} as expected${failed === 0 ? '' : `, ${failed} not`}`);
  }
  return failed === 0 ? 0 : 1;
}

async function testFile(given: string): Promise<TestResult[]> {
  const file = given.replace(/\.cases\.json$/, '.yaml');
  const casesFile = file.replace(/\.ya?ml$/, '.cases.json');
  const cases = readTimelineCases(casesFile, readFileSync(casesFile, 'utf8'));
  const found = await guaranteeIn(file);
  if (found === null) {
    const detail = `a guarantee in ${file} → none`;
    throw new ProblemError({
      code: 'CASES_INVALID',
      detail,
      advice: 'name the guarantee file, e.g. guarantees/x.yaml',
    });
  }
  return cases.map((each) => testCase(each, found.guarantee, found.set));
}

export function testCase(given: TimelineCase, guarantee: Guarantee, set: readonly Guarantee[]): TestResult {
  const result = { guarantee: guarantee.name, id: given.id };
  const because = (outcome: Outcome): string => outcome.data.explanation[0] ?? '';
  try {
    const outcomes = runTimeline(given, guarantee, set);
    const expected = Array.isArray(given.expected) ? given.expected : [given.expected];
    if (expected.length !== outcomes.length) {
      const difference = { field: 'promises', expected: String(expected.length), got: String(outcomes.length) };
      return { ...result, differences: [{ ...difference, because: outcomes.map(because).join(' ') }] };
    }
    const differences = outcomes.flatMap((outcome, i) =>
      differencesOf(expected[i] ?? {}, outcome).map((difference) => ({ ...difference, because: because(outcome) })),
    );
    return { ...result, differences };
  } catch (error) {
    if (!(error instanceof ProblemError || error instanceof EvaluationError)) throw error;
    const difference = { field: 'case', expected: 'a verdict', got: 'none', because: error.message };
    return { ...result, differences: [difference] };
  }
}

/** `✗ ems-express late`, and below it each field: expected … got …, aligned, and once because of what. */
function resultLines({ guarantee, id, differences }: TestResult): string[] {
  if (differences.length === 0) return [`✓ ${guarantee} ${id}: as expected`];
  const width = (part: (difference: Difference) => string): number =>
    Math.max(...differences.map((difference) => part(difference).length));
  const [fieldWidth, wantWidth] = [width(({ field }) => field), width(({ expected }) => expected)];
  const rows = differences.map(
    ({ field, expected, got }) => `  ${field.padEnd(fieldWidth)}  expected ${expected.padEnd(wantWidth)}  got ${got}`,
  );
  const reasons = [...new Set(differences.map(({ because }) => because))].filter((reason) => reason !== '');
  return [`✗ ${guarantee} ${id}`, ...rows, ...reasons.map((reason) => `  because ${reason}`)];
}
