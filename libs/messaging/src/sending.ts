import { CLOUD_EVENT_JSON } from '#libs/contracts';
import { activeTraceparent, type Cause, type TracedWork } from '#libs/observability';

const HEADERS: Readonly<Record<string, string>> = { 'content-type': CLOUD_EVENT_JSON };

/** Headers of all records of a send, with the span that is active; without one always the same object. */
export function headersNow(): Readonly<Record<string, string>> {
  const traceparent = activeTraceparent();
  return traceparent === null ? HEADERS : { ...HEADERS, traceparent };
}

/** What a trace tells of a send. */
export function sendingOf(topics: Iterable<string>, count: number, causes: readonly Cause[]): TracedWork {
  const destination = [...new Set(topics)].join(',');
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'send',
    'messaging.destination.name': destination,
    'messaging.batch.message_count': count,
  };
  return { name: `send ${destination}`, kind: 'producer', attributes, causes };
}
