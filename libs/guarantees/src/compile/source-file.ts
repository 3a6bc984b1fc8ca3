import { LineCounter, type Scalar } from 'yaml';
import { isTimeZone } from '#libs/calendar';
import type { Problem } from '#libs/kernel';
import type { Place } from '../guarantee.js';

/** A file, and where its text begins in the text that a guarantee is compiled from. */
interface Part {
  readonly file: string;
  readonly text: string;
  readonly start: number;
  readonly lines: LineCounter;
}

/**
 * The text that one guarantee is compiled from, with its lines, and the problems found in it: its own file, and behind
 * it the files of those that it extends, so that an offset tells the file too.
 */
export class SourceFile {
  readonly problems: Problem[] = [];
  private readonly parts: Part[];

  constructor(
    readonly file: string,
    /** Text of its own file. */
    readonly ownText: string,
    /** Whether there is a time zone of this name. */
    readonly knowsZone: (name: string) => boolean = isTimeZone,
  ) {
    this.parts = [{ file, text: ownText, start: 0, lines: new LineCounter() }];
  }

  /** Lines of its own file, to be filled by the parser. */
  get lineCounter(): LineCounter {
    return (this.parts[0] as Part).lines;
  }

  get text(): string {
    return this.parts.length === 1 ? this.ownText : this.parts.map(({ text }) => text).join('\n');
  }

  /** Adds the file of a guarantee that this one extends. @returns what to add to the offsets of its nodes */
  append(file: string, text: string, lines: LineCounter): number {
    const last = this.parts.at(-1) as Part;
    const start = last.start + last.text.length + 1;
    this.parts.push({ file, text, start, lines });
    return start;
  }

  placeAt(offset: number): Place {
    const { part, place } = this.find(offset);
    return part.file === this.file ? place : { ...place, file: part.file };
  }

  fileOf(place: Place): string {
    return place.file ?? this.file;
  }

  /** Tells a problem with the source line and a mark below the place. */
  report(code: string, message: string, advice: string, offset: number): void {
    const { part, place } = this.find(offset);
    const sourceLine = part.text.split('\n', place.line)[place.line - 1] ?? '';
    const margin = `  ${place.line} | `;
    const detail = `${message}\n${margin}${sourceLine.trimEnd()}\n${' '.repeat(margin.length + place.column - 1)}^`;
    this.problems.push({ code, detail, advice, at: { file: part.file, ...place } });
  }

  private find(offset: number): { part: Part; place: { line: number; column: number } } {
    const part = this.parts.findLast(({ start }) => start <= offset) ?? (this.parts[0] as Part);
    const { line, col } = part.lines.linePos(Math.min(offset - part.start, part.text.length));
    return { part, place: { line: Math.max(line, 1), column: Math.max(col, 1) } };
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
