import { jest } from '@jest/globals';
import { InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { startTracing } from './start-tracing.js';
import {
  activeCause,
  activeTraceparent,
  causesOf,
  linkActive,
  traced,
  type Cause,
  type TracedWork,
} from './tracing.js';

const A = '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-aaaaaaaaaaaaaaaa-01';
const B = '00-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-bbbbbbbbbbbbbbbb-01';
const work =
  (causes: readonly Cause[] = []) =>
  (): TracedWork => ({
    name: 'work',
    kind: 'internal',
    attributes: { size: 2 },
    causes,
  });

describe('without a collector', () => {
  it('work is done as if nothing were there, and is not even described', async () => {
    const describe = jest.fn<() => TracedWork>(work());
    await expect(traced(describe, async () => [activeCause(), activeTraceparent()])).resolves.toEqual([
      undefined,
      null,
    ]);
    expect(describe).not.toHaveBeenCalled();
  });
});

describe('with a collector', () => {
  const exporter = new InMemorySpanExporter();
  let stop: () => Promise<void>;
  beforeAll(async () => {
    stop = await startTracing('test', new SimpleSpanProcessor({ exporter }));
  });
  afterAll(() => stop());
  beforeEach(() => exporter.reset());
  const only = (): ReadableSpan => {
    const [span, ...others] = exporter.getFinishedSpans();
    expect(others).toEqual([]);
    return span as ReadableSpan;
  };
  const linked = (span: ReadableSpan): string[] => span.links.map(({ context }) => context.traceId[0] as string);

  it('work of one cause is within its trace, of several in one of its own; linked to each, once', async () => {
    await traced(work(causesOf([A, Buffer.from(A)])), async () => undefined);
    expect(only()).toMatchObject({ name: 'work', attributes: { size: 2 }, parentSpanContext: causesOf([A])[0] });
    expect(linked(only())).toEqual(['a']);
    exporter.reset();
    await traced(work(causesOf([A, undefined, B, A])), async () => undefined);
    expect(only().parentSpanContext).toBeUndefined();
    expect(linked(only())).toEqual(['a', 'b']);
    expect(only().resource.attributes).toMatchObject({ 'service.name': 'makegood-test' });
  });

  it('work that a loop of other work happens to start is not its part', async () => {
    await traced(work(), () => traced(work(), async () => undefined));
    const [inner, outer] = exporter.getFinishedSpans();
    expect(inner?.spanContext().traceId).not.toBe(outer?.spanContext().traceId);
  });

  it('what is sent on names the work at hand, and further causes can be added to it', async () => {
    const sent = await traced(work(), async () => {
      linkActive([B, 'no traceparent', 7, undefined]);
      return [activeTraceparent(), activeCause()?.spanId] as const;
    });
    const { traceId, spanId } = only().spanContext();
    expect(sent).toEqual([`00-${traceId}-${spanId}-01`, spanId]);
    expect(linked(only())).toEqual(['b']);
  });

  it('fails as the work fails, and says so', async () => {
    const failing = traced(work(), async () => {
      throw new Error('the broker is away');
    });
    await expect(failing).rejects.toThrow('the broker is away');
    expect(only()).toMatchObject({ status: { code: 2, message: 'the broker is away' } });
  });

  it('follows no more causes than anybody reads', () => {
    const many = Array.from({ length: 100 }, (_, i) => A.replace(/^00-aaa/, `00-${String(i).padStart(3, '0')}`));
    expect(causesOf(many)).toHaveLength(32);
  });
});
