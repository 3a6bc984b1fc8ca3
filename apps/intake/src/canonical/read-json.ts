import { EVENT_LIMITS } from '#libs/contracts';
import type { ReadEvent } from './binary-mode.js';
import { tooLarge } from './canonise.js';
import { invalid, type Refusal } from './refusal.js';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 without its byte order mark, or why it is none. */
export function readText(bytes: Buffer): { readonly text: string } | { readonly refusal: Refusal } {
  try {
    return { text: decoder.decode(bytes) };
  } catch {
    return { refusal: malformed('the bytes are no UTF-8') };
  }
}

/** One JSON document. */
export function readJson(bytes: Buffer): ReadEvent {
  const read = readText(bytes);
  return 'refusal' in read ? read : parse(read.text);
}

/** A JSON array of events; an error where the whole cannot be read. */
export function readBatch(bytes: Buffer): readonly ReadEvent[] | Refusal {
  const read = readJson(bytes);
  if (read.refusal) return read.refusal;
  const events = read.event;
  if (!Array.isArray(events))
    return invalid(
      '',
      'a batch is a JSON array of events',
      'Send [ … ], or a single event as application/cloudevents+json.',
    );
  return events.map((event: unknown) => ({ event }));
}

/** One JSON document a line; blank lines count for nothing, a malformed one stands alone. */
export function readLines(bytes: Buffer): readonly ReadEvent[] | Refusal {
  const read = readText(bytes);
  if ('refusal' in read) return read.refusal;
  const lines = read.text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) =>
    line.length > EVENT_LIMITS.eventBytesMax ? { refusal: tooLarge(Buffer.byteLength(line)) } : parse(line),
  );
}

function parse(text: string): ReadEvent {
  try {
    return { event: JSON.parse(text) as unknown };
  } catch (error) {
    // The parser's own words would quote the content.
    const place = /at position \d+(?: \(line \d+ column \d+\))?/.exec((error as Error).message)?.[0];
    return { refusal: malformed(place ?? 'it ends too early') };
  }
}

function malformed(what: string): Refusal {
  return {
    code: 'JSON_MALFORMED',
    detail: `well-formed JSON was expected: ${what}`,
    advice: 'Send well-formed JSON in UTF-8.',
    pointer: '',
  };
}
