import { readFileSync } from 'node:fs';
import { UsageError } from '../errors.js';
import type { Terminal } from '../terminal/terminal.js';
import { expectedOf, outcomeOf, type VectorOutcome } from './judge-vector.js';
import { VectorError, type Vector } from './vector.js';

interface Failure {
  readonly id: string;
  readonly expected: VectorOutcome | string;
  readonly actual: VectorOutcome | string;
}

/** `due --vectors FILE`: computes each deadline of a file and compares. @returns exit code */
export function checkVectors(file: string, options: { readonly json?: boolean }, terminal: Terminal): number {
  const document = JSON.parse(readFileSync(file, 'utf8')) as { vectors?: unknown } | unknown[];
  const vectors = Array.isArray(document) ? document : document.vectors;
  if (!Array.isArray(vectors)) {
    const detail = `${file} → expected a list of deadline vectors, or {"vectors": […]}`;
    throw new UsageError({ code: 'VECTORS_UNREADABLE', detail, advice: 'See docs/calendars.md for the form.' });
  }
  const failures = (vectors as Vector[]).flatMap((vector) => failureOf(vector, process.versions['tz'] ?? 'unknown'));
  const passed = vectors.length - failures.length;
  if (options.json) terminal.json({ passed, failed: failures.length, failures });
  else {
    for (const { id, expected, actual } of failures)
      terminal.line(`${terminal.paint('red', '✗')} ${id}: expected ${textOf(expected)}, got ${textOf(actual)}`);
    const mark = failures.length === 0 ? terminal.paint('green', '✓') : terminal.paint('red', '✗');
    terminal.line(`${mark} ${passed} of ${vectors.length} as expected`);
  }
  return failures.length === 0 ? 0 : 1;
}

function failureOf(vector: Vector, tzVersion: string): Failure[] {
  try {
    const [expected, actual] = [expectedOf(vector), outcomeOf(vector, tzVersion)];
    return JSON.stringify(expected) === JSON.stringify(actual) && Object.keys(expected).length > 0
      ? []
      : [{ id: vector.id, expected, actual }];
  } catch (error) {
    // What cannot be read cannot pass; the others are still computed.
    if (!(error instanceof VectorError)) throw error;
    return [{ id: vector.id, expected: String(vector.due ?? vector.warnAt), actual: error.message }];
  }
}

const textOf = (outcome: VectorOutcome | string): string =>
  typeof outcome === 'string' ? outcome : JSON.stringify(outcome);
