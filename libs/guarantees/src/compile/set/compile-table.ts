import { createHash } from 'node:crypto';
import { CsvError, parse } from 'csv-parse/sync';
import type { Problem } from '#libs/kernel';
import { TABLE_KEYS_MAX, type Cell, type Table } from '../../expressions/tables.js';

/** Longest table, in characters: a set travels through the log as one record. */
const TABLE_CHARS_MAX = 1_000_000;
const COLUMNS_MAX = 20;

interface Row {
  readonly texts: readonly string[];
  readonly line: number;
}

/** A CSV file with a header: columns to look up by, then columns that answer. */
export function compileTable(file: string, text: string): { table: Table } | { problems: Problem[] } {
  const refused = (detail: string, advice: string, line = 1) => ({
    problems: [{ code: 'GUARANTEE_TABLE_INVALID', detail, advice, at: { file, line, column: 1 } }],
  });
  const name = /([^/\\]+)\.csv$/i.exec(file)?.[1] ?? '';
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    return refused(
      `a table cannot be called \`${name}\``,
      'Call the file e.g. transit.csv: small letters, digits and hyphens.',
    );
  }
  if (text.length > TABLE_CHARS_MAX) {
    return refused(
      `the table has ${text.length} characters, at most ${TABLE_CHARS_MAX} are allowed`,
      'Split it by its first column.',
    );
  }
  let rows: Row[];
  try {
    rows = readRows(text);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return refused(
      `the file is no valid CSV: ${error.message}`,
      'Each line has as many cells as the header.',
      Number(error['lines'] ?? 1),
    );
  }
  const [header, ...body] = rows;
  const columns = header?.texts ?? [];
  if (columns.length < 2 || columns.length > COLUMNS_MAX || new Set(columns).size !== columns.length) {
    const advice = 'Begin with a header: columns to look up by, then what is looked up, e.g. from,to,transit.';
    return refused(
      `the header has ${columns.length} columns of different names, 2 to ${COLUMNS_MAX} are needed`,
      advice,
    );
  }
  const twice = firstTwice(body);
  if (twice !== null) {
    const advice = 'Take one of the two out: the first one counts.';
    return refused(
      `line ${twice[1].line} can never be found: line ${twice[0].line} has the same keys`,
      advice,
      twice[1].line,
    );
  }
  const hash = createHash('sha256').update(text, 'utf8').digest('hex');
  return { table: { name, file, hash, columns, find: finder(columns.length, body) } };
}

function readRows(text: string): Row[] {
  const records = parse(text, { bom: true, info: true, skip_empty_lines: true, trim: true }) as unknown as {
    record: string[];
    info: { lines: number };
  }[];
  return records.map(({ record, info }) => ({ texts: record, line: info.lines }));
}

/** Two rows that differ in the last cell only: whoever looks up by all others never sees the second. */
function firstTwice(rows: readonly Row[]): [Row, Row] | null {
  const seen = new Map<string, Row>();
  for (const row of rows) {
    const key = JSON.stringify(row.texts.slice(0, -1));
    const before = seen.get(key);
    if (before !== undefined) return [before, row];
    seen.set(key, row);
  }
  return null;
}

function finder(columnCount: number, rows: readonly Row[]): Table['find'] {
  const kinds = Array.from({ length: columnCount }, (_, i) => kindOf(rows.map(({ texts }) => texts[i] ?? '')));
  const found = rows.map(({ texts, line }) => ({
    line,
    cells: texts.map((text, i) => cellOf(text, kinds[i] ?? 'text')),
  }));
  const byCount = Array.from({ length: TABLE_KEYS_MAX + 1 }, () => new Map<string, number>());
  const anywhere = rows.flatMap(({ texts }, row) => (texts.slice(0, TABLE_KEYS_MAX).includes('*') ? [row] : []));
  for (const [count, index] of byCount.entries()) {
    for (const [row, { texts }] of rows.entries()) {
      const key = JSON.stringify(texts.slice(0, count));
      if (!index.has(key)) index.set(key, row);
    }
  }
  return (keys) => {
    const exact = byCount[keys.length]?.get(JSON.stringify(keys)) ?? rows.length;
    const fits = (row: number): boolean =>
      keys.every((key, i) => rows[row]?.texts[i] === key || rows[row]?.texts[i] === '*');
    const wild = anywhere.find((row) => row < exact && fits(row)) ?? exact;
    return found[wild] ?? null;
  };
}

type CellKind = 'int' | 'double' | 'text';

/** Numbers only where every cell of the column is one: a code such as 007 stays text. */
function kindOf(texts: readonly string[]): CellKind {
  const filled = texts.filter((text) => text !== '');
  if (filled.length === 0) return 'text';
  if (filled.every((text) => /^-?(0|[1-9]\d{0,14})$/.test(text))) return 'int';
  return filled.every((text) => /^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/.test(text)) ? 'double' : 'text';
}

function cellOf(text: string, kind: CellKind): Cell {
  if (text === '') return null;
  return kind === 'int' ? BigInt(text) : kind === 'double' ? Number(text) : text;
}
