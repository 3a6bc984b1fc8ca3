import { createReadStream } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import type { CloudEvent } from '#libs/contracts';
import { parseInstant, ProblemError, type Problem } from '#libs/kernel';
import type { MappedRow, SourceMap } from '#libs/source-maps';
import type { FeedItem } from './feed-order.js';

export interface History {
  readonly items: FeedItem[];
  /** Rows that the map could not make events of: left out, each with its reason. */
  readonly problems: Problem[];
}

/**
 * Reads a history: CSV or NDJSON, plain or .gz. With a map every row gives its events, without one a line is a
 * CloudEvent. A line that cannot be read at all ends it, told with its place.
 */
export async function readHistory(file: string, mapFile: string | null): Promise<History> {
  await access(file);
  const map = mapFile === null ? null : await readMap(mapFile);
  const csv = /\.csv(\.gz)?$/i.test(file);
  if (csv && !map) {
    throw new ProblemError({
      code: 'MAP_MISSING',
      detail: `how the columns of ${basename(file)} become events → no --map given`,
      advice: 'name a map file: --map samples/olist-orders.map.yaml',
    });
  }
  const input = open(file);
  const history: History = { items: [], problems: [] };
  try {
    if (csv) await readCsv(input, file, map as SourceMap, history);
    else await readLines(input, file, map, history);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_')) {
      throw new ProblemError({ code: 'FILE_BROKEN', detail: `${file} as gzip → ${(error as Error).message}` });
    }
    throw error;
  }
  return history;
}

async function readMap(mapFile: string): Promise<SourceMap> {
  const { loadMap } = await import('#libs/source-maps');
  return loadMap(await readFile(mapFile, 'utf8'), mapFile);
}

function open(file: string): Readable {
  const stream = createReadStream(file);
  if (!/\.gz$/i.test(file)) return stream;
  const unzip = createGunzip();
  stream.once('error', (error) => unzip.destroy(error));
  return stream.pipe(unzip);
}

async function readCsv(input: Readable, file: string, map: SourceMap, history: History): Promise<void> {
  const parser = parse({ columns: true, bom: true, info: true, skip_empty_lines: true });
  input.once('error', (error) => parser.destroy(error));
  input.pipe(parser);
  let row = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      if (row === 0) refuseMissingColumns(map, Object.keys(record));
      row += 1;
      take(map.events(record, row), file, info.lines, history);
    }
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith('CSV_')) throw error;
    const { message, lines } = error as { message: string; lines?: number };
    throw new ProblemError({ code: 'CSV_MALFORMED', detail: message, at: { file, line: lines ?? 1, column: 1 } });
  }
}

async function readLines(input: Readable, file: string, map: SourceMap | null, history: History): Promise<void> {
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    line += 1;
    if (text.trim() === '') continue;
    const row = parseRow(text, file, line);
    take(map ? map.events(row, line) : { events: [row as unknown as CloudEvent] }, file, line, history);
  }
}

function take(mapped: MappedRow, file: string, line: number, history: History): void {
  if (mapped.problem) history.problems.push({ ...mapped.problem, at: { file, line, column: 1 } });
  for (const event of mapped.events ?? []) history.items.push(feedItem(event, file, line));
}

function refuseMissingColumns(map: SourceMap, header: readonly string[]): void {
  const [missing] = map.missingColumns(header);
  if (missing) throw new ProblemError(missing);
}

function parseRow(text: string, file: string, line: number): Record<string, unknown> {
  try {
    const row: unknown = JSON.parse(text);
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Record<string, unknown>;
  } catch {
    // told below
  }
  throw new ProblemError({
    code: 'LINE_MALFORMED',
    detail: `a JSON object a line → ${JSON.stringify(text.slice(0, 60))}`,
    advice: 'a history is CSV (*.csv) or NDJSON, plain or .gz',
    at: { file, line, column: 1 },
  });
}

/** Fed at `receivedat` where the fact was learned apart from when it happened, else at `time`. */
function feedItem(event: CloudEvent, file: string, line: number): FeedItem {
  const atMs = parseInstant(event.receivedat ?? event.time);
  if (atMs === null) {
    const name = event.receivedat === undefined ? 'time' : 'receivedat';
    throw new ProblemError({
      code: 'TIME_INVALID',
      detail: `"${name}" as RFC 3339 with an offset → ${JSON.stringify(event.receivedat ?? event.time) ?? 'nothing'}`,
      at: { file, line, column: 1 },
    });
  }
  return { atMs, text: JSON.stringify(event) };
}
