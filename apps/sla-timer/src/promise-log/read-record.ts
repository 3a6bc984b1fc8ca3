import {
  copiedAtOf,
  TICK_TYPE,
  type CloudEvent,
  type CopiedAt,
  type SilentSource,
  type TickData,
} from '#libs/contracts';
import { parseInstant } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';

/** What a record of `makegood.events.v1` is to us. */
export type Heard =
  | {
      readonly kind: 'tick';
      readonly atMs: number;
      readonly everyMs: number;
      readonly silent: readonly SilentSource[];
      readonly copiedAt: CopiedAt | null;
    }
  | { readonly kind: 'event'; readonly event: CloudEvent; readonly receivedAtMs: number }
  | { readonly kind: 'unreadable'; readonly reason: string; readonly detail: string };

/** Intake wrote it, so it is valid; who writes past intake finds the reason in the dead letters. */
export function hear(record: LogRecord): Heard {
  let event: CloudEvent;
  try {
    event = JSON.parse(record.value.toString('utf8')) as CloudEvent;
  } catch {
    return { kind: 'unreadable', reason: 'JSON_MALFORMED', detail: 'the value is no JSON' };
  }
  if (typeof event !== 'object' || event === null || typeof event.type !== 'string' || typeof event.id !== 'string') {
    return { kind: 'unreadable', reason: 'NOT_A_CLOUD_EVENT', detail: 'expected a CloudEvent with id and type' };
  }
  if (event.type === TICK_TYPE) {
    const { everyMs, silent } = (event.data ?? {}) as unknown as Partial<TickData>;
    return {
      kind: 'tick',
      atMs: record.timestampMs,
      everyMs: typeof everyMs === 'number' ? everyMs : 250,
      silent: Array.isArray(silent) ? silent : [],
      copiedAt: copiedAtOf(record.headers),
    };
  }
  if (
    typeof event.subject !== 'string' ||
    typeof event.source !== 'string' ||
    typeof event.data !== 'object' ||
    event.data === null
  ) {
    return { kind: 'unreadable', reason: 'NOT_A_CLOUD_EVENT', detail: 'expected source, subject and data' };
  }
  return { kind: 'event', event, receivedAtMs: parseInstant(event.receivedat) ?? record.timestampMs };
}
