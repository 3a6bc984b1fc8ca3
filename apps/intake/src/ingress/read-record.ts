import { CLOUD_EVENT_JSON } from '#libs/contracts';
import type { LogRecord, RecordHeaders } from '#libs/messaging';
import { binaryEvent, isJsonType, mediaTypeOf, type ReadEvent } from '../canonical/binary-mode.js';
import { readJson } from '../canonical/read-json.js';
import { invalid } from '../canonical/refusal.js';

/** One event of a Kafka record: binary mode where it has `ce_` headers, else structured. */
export function readRecord({ value, headers = {} }: LogRecord): ReadEvent {
  const contentType = textOf(headers['content-type'] ?? headers['Content-Type']);
  const mediaType = mediaTypeOf(contentType);
  const attributes = attributesOf(headers);
  if (attributes === null || mediaType === CLOUD_EVENT_JSON) return readJson(value);
  if (mediaType !== '' && !isJsonType(mediaType)) {
    return { refusal: invalid('/datacontenttype', 'data in JSON was expected', 'Send the data as application/json.') };
  }
  const read = readJson(value);
  return read.refusal ? read : binaryEvent(attributes, contentType || 'application/json', read.event);
}

function attributesOf(headers: RecordHeaders): Record<string, string> | null {
  const attributes: Record<string, string> = {};
  for (const name in headers) if (name.startsWith('ce_')) attributes[name.slice(3)] = textOf(headers[name]);
  return 'specversion' in attributes || 'id' in attributes ? attributes : null;
}

function textOf(header: RecordHeaders[string]): string {
  const value = Array.isArray(header) ? header[0] : header;
  return value === undefined || value === null ? '' : value.toString();
}
