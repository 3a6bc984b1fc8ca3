/**
 * What went wrong, for a person and a program: `code` is stable, `detail` says what was expected and what was
 * found, `advice` what to do. Never holds secrets or personal data.
 */
export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly advice?: string;
  /** JSON pointer into the offending document. */
  readonly pointer?: string;
  /** Place in a file: lines and columns count from 1. */
  readonly at?: { readonly file: string; readonly line: number; readonly column: number };
}

/** A refusal thrown where a value cannot travel back; `retryable` is decided where the error is made. */
export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryable: boolean = false,
    options?: ErrorOptions,
  ) {
    super(`${problem.code}  ${problem.detail}${problem.advice ? ` → ${problem.advice}` : ''}`, options);
    this.name = 'ProblemError';
  }
}

/** The known name nearest to `found` (Damerau-free edit distance at most 3 and half its length), or null. */
export function nearestName(found: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.min(3, Math.ceil(found.length / 2)) + 1;
  for (const name of known) {
    const distance = editDistance(found.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    previous = row;
  }
  return previous[b.length] as number;
}
