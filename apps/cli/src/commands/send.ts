import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { parseInstant } from '#libs/kernel';
import { feed } from '../replay/feed.js';
import type { FeedItem } from '../replay/feed-order.js';
import { tellRejections } from '../replay/replay.js';
import { findStack } from '../stack/client.js';
import { count } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import type { StackSelector } from './options.js';

const PATIENCE_MS = 15_000;

/** `send FILE` ("-": standard input): posts CloudEvents to intake, in the order of the file. Exit code 1 if one is refused. */
export async function send(
  file: string,
  options: StackSelector & { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const text = file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8');
  const client = findStack(options);
  const result = await feed(client, eventLines(text), { patienceMs: PATIENCE_MS });
  if (options.json) terminal.json(result);
  else {
    terminal.line(
      `${result.rejected.length === 0 ? '✓' : '!'} ${count(result.accepted)} accepted, ${count(result.rejected.length)} refused`,
    );
    tellRejections(result.rejected, terminal);
  }
  return result.rejected.length === 0 ? 0 : 1;
}

/** One JSON event, a JSON array of them, or NDJSON; what is no JSON goes to intake as it is, who says what is wrong. */
export function eventLines(text: string): FeedItem[] {
  let whole: unknown = null;
  try {
    whole = JSON.parse(text);
  } catch {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => ({ atMs: timeOf(line), text: line.trim() }));
  }
  const events: unknown[] = Array.isArray(whole) ? whole : [whole];
  return events.map((event) => ({ atMs: timeOf(JSON.stringify(event)), text: JSON.stringify(event) }));
}

function timeOf(line: string): number {
  try {
    return parseInstant((JSON.parse(line) as { time?: unknown } | null)?.time) ?? 0;
  } catch {
    return 0;
  }
}
