import type { IncomingHttpHeaders } from 'node:http';
import { CLOUD_EVENT_JSON, EVENT_LIMITS } from '#libs/contracts';
import { HttpProblem } from '#libs/service';
import { binaryEvent, decodeHeader, isJsonType, mediaTypeOf, type ReadEvent } from '../canonical/binary-mode.js';
import { readBatch, readJson, readLines } from '../canonical/read-json.js';
import type { Refusal } from '../canonical/refusal.js';

export interface ParsedRequest {
  readonly events: readonly ReadEvent[];
  /** Structured or binary mode: one event, whose refusal is the whole answer. */
  readonly isSingle: boolean;
}

const BATCH = 'application/cloudevents-batch+json';
const LINES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];

/** Events of a request in any of the modes of CloudEvents over HTTP, or one a line. @throws HttpProblem 400, 413, 415 */
export function parseRequest(headers: IncomingHttpHeaders, body: Buffer): ParsedRequest {
  const contentType = headers['content-type'] ?? '';
  const mediaType = mediaTypeOf(contentType);
  if (mediaType === CLOUD_EVENT_JSON) return { events: [readJson(body)], isSingle: true };
  if (mediaType === BATCH) return { events: counted(readBatch(body)), isSingle: false };
  if (LINES.includes(mediaType)) return { events: counted(readLines(body)), isSingle: false };
  const attributes = attributesOf(headers);
  if (attributes !== null && isJsonType(mediaType))
    return { events: [readBinary(attributes, contentType, body)], isSingle: true };
  throw new HttpProblem(415, {
    code: 'CONTENT_TYPE_UNSUPPORTED',
    detail: `an event was expected, found content-type ${mediaType || '(none)'}${attributes === null ? ' without ce- headers' : ''}`,
    advice: `send ${CLOUD_EVENT_JSON}, ${BATCH} or ${LINES[0]}; or ce- headers with a JSON body`,
  });
}

function counted(read: readonly ReadEvent[] | Refusal): readonly ReadEvent[] {
  if ('code' in read) throw new HttpProblem(400, read);
  if (read.length <= EVENT_LIMITS.batchEventsMax) return read;
  const detail = `a batch has at most ${EVENT_LIMITS.batchEventsMax} events, found ${read.length}`;
  throw new HttpProblem(413, { code: 'BATCH_TOO_LARGE', detail, advice: 'send several batches' });
}

function readBinary(attributes: Record<string, string>, contentType: string, body: Buffer): ReadEvent {
  const read = readJson(body);
  return read.refusal ? read : binaryEvent(attributes, contentType, read.event);
}

function attributesOf(headers: IncomingHttpHeaders): Record<string, string> | null {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce-') && typeof value === 'string') attributes[name.slice(3)] = decodeHeader(value);
  }
  return Object.keys(attributes).length > 0 ? attributes : null;
}
