import { ProblemError, type Problem } from '#libs/kernel';

/** Used wrongly (exit code 2): an option or argument that cannot be meant. */
export class UsageError extends ProblemError {}

/** Somebody asked to stop before it was done. */
export function interrupted(): ProblemError {
  return new ProblemError({ code: 'INTERRUPTED', detail: 'stopped before it was done' });
}

export function isInterruption(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.code === 'INTERRUPTED';
}

/** Any error as a problem; what is no refusal of ours keeps its message, never its stack. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const failure = error as NodeJS.ErrnoException;
  if (failure?.code === 'ENOENT') {
    return { code: 'NO_SUCH_FILE', detail: `${failure.path ?? 'a file'} → not there`, advice: 'check the path' };
  }
  if (failure?.code === 'EISDIR') {
    const detail = `a file → ${failure.path ?? 'what was named'} is a folder`;
    return { code: 'NOT_A_FILE', detail, advice: 'name the files in it, e.g. guarantees/*.yaml' };
  }
  if (failure?.code === 'EACCES' || failure?.code === 'EPERM') {
    return {
      code: 'NO_ACCESS',
      detail: `${failure.path ?? 'a file or process'} → no right to ${failure.syscall ?? 'use it'}`,
      advice: 'run as its owner, or choose another folder with --data-dir',
    };
  }
  return {
    code: 'UNEXPECTED',
    detail: failure instanceof Error ? failure.message : String(error),
    advice: 'MAKEGOOD_DEBUG=1 shows where it came from',
  };
}

/** Every problem of an error: a file that was refused has one a mistake. */
export function problemsFrom(error: unknown): readonly Problem[] {
  const several = (error as { problems?: readonly Problem[] } | null)?.problems;
  return Array.isArray(several) && several.length > 0 ? several : [problemFrom(error)];
}

/** `CODE  what was asked → what was found → what to do`, with the place in a file where there is one. */
export function problemText(problem: Problem): string {
  const place = problem.at ? `${problem.at.file}:${problem.at.line}:${problem.at.column}  ` : '';
  const pointer = problem.pointer ? ` (at ${problem.pointer})` : '';
  // A detail that shows a line of a file ends in a mark below it: the advice goes on a line of its own.
  const arrow = problem.detail.includes('\n') ? '\n  → ' : ' → ';
  return `${place}${problem.code}  ${problem.detail}${pointer}${problem.advice ? `${arrow}${problem.advice}` : ''}`;
}
