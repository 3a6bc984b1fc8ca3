import { WIDTH } from './terminal.js';

/** Rows under their headings, aligned; numbers (and what looks like them) to the right. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const numeric = headings.map(
    (_, i) => rows.length > 0 && rows.every((row) => /^[-–]?[\d.,]*( [A-Za-z]{3})?$/.test(row[i] ?? '')),
  );
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => (row[i] ?? '').length)));
  const format = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)))
      .join('  ')
      .trimEnd();
  return [format(headings), ...rows.map(format)];
}

/** Breaks a text into lines of at most `width` columns, the first as it is indented, the further ones by `indent`. */
export function wrap(text: string, indent = '', width = WIDTH): string[] {
  const lines: string[] = [];
  const words = text.trimStart();
  let line = text.slice(0, text.length - words.length);
  for (const word of words.split(' ')) {
    const next = line.trim() === '' ? line + word : `${line} ${word}`;
    if (next.length > width && line.trim() !== '') {
      lines.push(line);
      line = indent + word;
    } else {
      line = next;
    }
  }
  return [...lines, line];
}

/** "12,345": groups of three, for people. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** "12.3 s" below a minute, "2 min 5 s" above. */
export function seconds(durationMs: number): string {
  if (durationMs < 60_000) return `${(durationMs / 1_000).toFixed(1)} s`;
  return `${Math.floor(durationMs / 60_000)} min ${Math.round((durationMs % 60_000) / 1_000)} s`;
}
