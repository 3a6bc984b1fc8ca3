import { LineCounter, type Scalar } from 'yaml';
import type { Problem } from '#libs/kernel';
import type { Place } from '../guarantee.js';

/** The text of one guarantee file with its lines, and the problems found in it. */
export class SourceFile {
  readonly lineCounter = new LineCounter();
  readonly problems: Problem[] = [];

  constructor(
    readonly file: string,
    readonly text: string,
  ) {}

  placeAt(offset: number): Place {
    const { line, col } = this.lineCounter.linePos(Math.min(offset, this.text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  /** Tells a problem with the source line and a mark below the place. */
  report(code: string, message: string, advice: string, offset: number): void {
    const place = this.placeAt(offset);
    const sourceLine = this.text.split('\n', place.line)[place.line - 1] ?? '';
    const margin = `  ${place.line} | `;
    const detail = `${message}\n${margin}${sourceLine.trimEnd()}\n${' '.repeat(margin.length + place.column - 1)}^`;
    this.problems.push({ code, detail, advice, at: { file: this.file, ...place } });
  }
}

/**
 * The offset in the file at which character `index` of a scalar's value stands: quotes, escapes and the folded and
 * indented lines of block scalars are stepped over.
 */
export function offsetInScalar(text: string, node: Scalar, value: string, index: number): number {
  const [start, end] = node.range ?? [0, 0, 0];
  let at = start;
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') at = text.indexOf('\n', start) + 1;
  else if (node.type !== 'PLAIN') at = start + 1;
  for (let i = 0; i <= index && i <= value.length; i++) {
    if (i === value.length) return Math.min(at, end);
    at = nextOffset(text, at, value[i] as string, end);
    if (i < index) at++;
  }
  return Math.min(at, end);
}

function nextOffset(text: string, from: number, char: string, end: number): number {
  const isSpace = (c: string | undefined): boolean => c === ' ' || c === '\n' || c === '\r' || c === '\t';
  let at = from;
  while (at < end && text[at] !== char && !(isSpace(char) && isSpace(text[at]))) at++;
  return at;
}
