import { FUTURE_FACT_MS_MAX } from '#libs/kernel';

/** A CloudEvent 1.0 as it travels on our topics: JSON, structured mode, extensions as plain members. */
export interface CloudEvent<Data = Readonly<Record<string, unknown>>> {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  /** RFC 3339 with offset; upstream's claim of when it happened, or the decision time of what makegood says. */
  readonly time: string;
  readonly data: Data;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  readonly traceparent?: string;
  /** A source that corrects itself sends the same id with a higher revision. */
  readonly revision?: number;
  /** Set by intake where the fact came by ingress (its append time there); by upstream only in replays. */
  readonly receivedat?: string;
  /** Further extensions, kept unchanged. */
  readonly [extension: string]: unknown;
}

export const CLOUD_EVENT_JSON = 'application/cloudevents+json';

/** The bytes of an event on a topic: compact JSON, members in the order they were set. */
export function encodeCloudEvent(event: CloudEvent<unknown>): string {
  return JSON.stringify(event);
}

/** Bounds that hold for every event, whoever sends it. */
export const EVENT_LIMITS = {
  eventBytesMax: 256 * 1024,
  batchEventsMax: 1_000,
  batchBytesMax: 4 * 1024 * 1024,
  textIdCharsMax: 200,
  /** A fact further ahead of its receipt is refused as FUTURE_FACT. */
  futureMsMax: FUTURE_FACT_MS_MAX,
} as const;
