import { invalid, type Refusal } from './refusal.js';

/** One event as it was read, not yet checked; or why it could not be read. */
export type ReadEvent =
  { readonly event: unknown; readonly refusal?: undefined } | { readonly refusal: Refusal; readonly event?: undefined };

/** Attribute names and texts of a binary-mode event, as its transport has them. */
export type Attributes = Readonly<Record<string, string>>;

/**
 * A CloudEvent from its attributes (headers without their `ce-` or `ce_`) and its JSON body. `revision` is the one
 * attribute that is a number; everything else stays text.
 */
export function binaryEvent(attributes: Attributes, contentType: string, data: unknown): ReadEvent {
  const event: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (!/^[a-z0-9]{1,40}$/.test(name) || name === 'data') {
      const advice = 'Attribute names are small letters and digits.';
      return { refusal: invalid(`/${name}`, 'no name of a CloudEvents attribute', advice) };
    }
    event[name] = name === 'revision' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  }
  return { event: { ...event, datacontenttype: contentType, data } };
}

/** Header values are percent-encoded where they hold more than printable ASCII (CloudEvents HTTP binding, 3.1.3.2). */
export function decodeHeader(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** `application/json`, `text/json` or `…+json`, whatever its parameters. */
export function isJsonType(mediaType: string): boolean {
  return mediaType === 'application/json' || mediaType === 'text/json' || mediaType.endsWith('+json');
}

/** The media type of a content-type header: lower case, without parameters. */
export function mediaTypeOf(contentType: string): string {
  return (contentType.split(';', 1)[0] as string).trim().toLowerCase();
}
