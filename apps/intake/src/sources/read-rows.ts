import { parse } from 'csv-parse/sync';
import type { Row } from '#libs/source-maps';
import { HttpProblem } from '#libs/service';
import { mediaTypeOf, type ReadEvent } from '../canonical/binary-mode.js';
import { readJson, readLines, readText } from '../canonical/read-json.js';
import type { Refusal } from '../canonical/refusal.js';

export const ROWS_MAX = 10_000;

export type ReadRow =
  { readonly row: Row; readonly refusal?: undefined } | { readonly refusal: Refusal; readonly row?: undefined };

export interface ReadRows {
  readonly rows: readonly ReadRow[];
  /** Column names of a CSV file; null for documents, whose fields may differ. */
  readonly header: readonly string[] | null;
}

/** A sender's own rows: CSV with a header line, a JSON document or an array of them, or one a line. @throws HttpProblem 400, 413, 415 */
export function readRows(contentType: string | undefined, body: Buffer): ReadRows {
  const mediaType = mediaTypeOf(contentType ?? '');
  const read = readAs(mediaType, body);
  if (read.rows.length <= ROWS_MAX) return read;
  const detail = `at most ${ROWS_MAX} rows at a time, found ${read.rows.length}`;
  throw new HttpProblem(413, { code: 'BATCH_TOO_LARGE', detail, advice: 'send several parts' });
}

function readAs(mediaType: string, body: Buffer): ReadRows {
  if (mediaType === 'text/csv') return readCsv(body);
  if (mediaType === 'application/json') {
    const read = readJson(body);
    if (read.refusal) throw new HttpProblem(400, read.refusal);
    const documents = Array.isArray(read.event) ? read.event : [read.event];
    return { rows: documents.map((event: unknown) => rowOf({ event })), header: null };
  }
  if (['application/x-ndjson', 'application/ndjson', 'application/jsonl'].includes(mediaType)) {
    const lines = readLines(body);
    if ('code' in lines) throw new HttpProblem(400, lines);
    return { rows: lines.map(rowOf), header: null };
  }
  const advice = 'send text/csv, application/json or application/x-ndjson';
  throw new HttpProblem(415, {
    code: 'CONTENT_TYPE_UNSUPPORTED',
    detail: `rows were expected, found content-type ${mediaType || '(none)'}`,
    advice,
  });
}

function rowOf(read: ReadEvent): ReadRow {
  if (read.refusal) return read;
  const { event } = read;
  if (typeof event === 'object' && event !== null && !Array.isArray(event)) return { row: event as Row };
  return { refusal: unreadable('a JSON object was expected', 'Each row is one object.') };
}

function unreadable(what: string, advice: string): Refusal {
  return { code: 'FIELD_INVALID', detail: `the row: ${what}`, advice };
}

function readCsv(body: Buffer): ReadRows {
  const read = readText(body);
  if ('refusal' in read) throw new HttpProblem(400, read.refusal);
  const [header, ...lines] = parseCsv(read.text);
  if (!header)
    throw new HttpProblem(400, { code: 'CSV_MALFORMED', detail: 'a header line was expected, the body is empty' });
  const rows = lines.map((fields): ReadRow => {
    if (fields.length === header.length) return { row: Object.fromEntries(header.map((name, i) => [name, fields[i]])) };
    const detail = `${header.length} fields were expected, found ${fields.length}`;
    return { refusal: unreadable(detail, 'Put fields that hold the separator into double quotes.') };
  });
  return { rows, header };
}

function parseCsv(text: string): string[][] {
  try {
    return parse(text, { relax_column_count: true, skip_empty_lines: true });
  } catch (error) {
    const { lines } = error as { lines?: number };
    const detail = `well-formed CSV was expected${lines === undefined ? '' : `: an error in line ${lines}`}`;
    throw new HttpProblem(400, {
      code: 'CSV_MALFORMED',
      detail,
      advice: 'separate by commas, quote with double quotes, in UTF-8',
    });
  }
}
