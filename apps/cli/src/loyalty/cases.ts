import { checkCalibrationCases, checkWorkedCases } from '#libs/loyalty-model';
import type { Terminal } from '../terminal/terminal.js';
import { readCalibrationCases, readModelCases } from './case-file.js';

type Failure = { readonly where: string; readonly expected: unknown; readonly found: unknown };

/** `loyalty cases FILE` and `loyalty calibration-cases FILE`: the model against worked cases. @returns exit code. */
export function loyaltyCases(
  kind: 'model' | 'calibration',
  file: string,
  options: { readonly json?: boolean },
  terminal: Terminal,
): number {
  const { checked, differences } =
    kind === 'model' ? checkWorkedCases(readModelCases(file)) : checkCalibrationCases(readCalibrationCases(file));
  const failures = new Map<string, Failure[]>();
  for (const difference of differences as readonly Failure[])
    failures.set(difference.where, [...(failures.get(difference.where) ?? []), difference]);
  const failed = failures.size;
  if (options.json) {
    terminal.json({
      passed: checked - failed,
      failed,
      failures: [...failures].map(([id, each]) => ({
        id,
        expected: each.map(({ expected }) => expected),
        actual: each.map(({ found }) => found),
      })),
    });
  } else {
    for (const [where, each] of failures) {
      for (const { expected, found } of each)
        terminal.line(`✗ ${where}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(found)}`);
    }
    terminal.line(`${failed === 0 ? '✓' : '✗'} ${checked - failed} as expected, ${failed} not`);
  }
  return failed === 0 ? 0 : 1;
}
