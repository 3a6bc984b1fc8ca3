import {
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type SpanContext,
} from '@opentelemetry/api';

/** What led to a piece of work: where its own span is to be found. */
export type Cause = SpanContext;

export interface TracedWork {
  readonly name: string;
  readonly kind: 'consumer' | 'producer' | 'internal';
  readonly attributes: Attributes;
  /** Work of other processes, or of other batches. */
  readonly causes?: readonly Cause[];
}

/** A batch can have as many causes as records; a page of them is as many as anybody follows. */
const CAUSES_MAX = 32;
const TRACEPARENT = 'traceparent';
const KINDS = { consumer: SpanKind.CONSUMER, producer: SpanKind.PRODUCER, internal: SpanKind.INTERNAL } as const;
const tracer = trace.getTracer('makegood');
let isOn = false;

/** Spans are made from now on, or not any more; for `startTracing`. */
export function setTracing(on: boolean): void {
  isOn = on;
}

/**
 * A span around the work, which fails as the work fails: within the trace of its cause where there is one cause, else a trace
 * of its own; linked to every cause. Without tracing it costs one look.
 */
export async function traced<T>(describe: () => TracedWork, work: () => Promise<T>): Promise<T> {
  if (!isOn) return work();
  const { name, kind, attributes, causes = [] } = describe();
  const known = distinct(causes);
  const [first, second] = known;
  // never the context that happens to be active: a loop that one batch has started goes on for others
  const parent = first && !second ? trace.setSpanContext(ROOT_CONTEXT, first) : ROOT_CONTEXT;
  const options = { kind: KINDS[kind], attributes, links: known.map((cause) => ({ context: cause })) };
  return tracer.startActiveSpan(name, options, parent, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.recordException(error as Error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The span that the work at hand belongs to. */
export function activeCause(): Cause | undefined {
  return isOn ? trace.getSpanContext(context.active()) : undefined;
}

/** That span as a W3C `traceparent`, for what is sent on; null: there is none. */
export function activeTraceparent(): string | null {
  if (!isOn) return null;
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier[TRACEPARENT] ?? null;
}

/** Names further causes of the work at hand, by what came with it; what is no `traceparent` is passed over. */
export function linkActive(traceparents: Iterable<unknown>): void {
  if (!isOn) return;
  const links = distinct(causesOf(traceparents)).map((cause) => ({ context: cause }));
  if (links.length > 0) trace.getActiveSpan()?.addLinks(links);
}

/** @param traceparents of records, which mostly repeat; texts or their bytes */
export function causesOf(traceparents: Iterable<unknown>): Cause[] {
  const texts = new Set<string>();
  for (const each of traceparents) {
    if (texts.size >= CAUSES_MAX) break;
    if (typeof each === 'string') texts.add(each);
    else if (Buffer.isBuffer(each)) texts.add(each.toString('latin1'));
  }
  return [...texts].flatMap((text) => trace.getSpanContext(contextOf({ [TRACEPARENT]: text })) ?? []);
}

/** The context that a carrier (headers of a request, of a record) brings. */
export function contextOf(carrier: object): Context {
  return propagation.extract(ROOT_CONTEXT, carrier);
}

function distinct(causes: readonly Cause[]): Cause[] {
  const bySpan = new Map(causes.filter(isSpanContextValid).map((cause) => [`${cause.traceId}/${cause.spanId}`, cause]));
  return [...bySpan.values()].slice(0, CAUSES_MAX);
}
