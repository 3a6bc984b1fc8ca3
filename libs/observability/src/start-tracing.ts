import { context, propagation, trace } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { setTracing } from './tracing.js';

/** Sends spans to the collector that OpenTelemetry's own variables name (`OTEL_EXPORTER_OTLP_ENDPOINT`). */
export async function startOtlpTracing(service: string): Promise<() => Promise<void>> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const { BatchSpanProcessor } = await import('@opentelemetry/sdk-trace');
  return startTracing(service, new BatchSpanProcessor({ exporter: new OTLPTraceExporter() }));
}

/**
 * Makes spans from now on. The packages behind it are loaded here and not before: a service that is not asked for traces does
 * not pay for them.
 * @returns what ends it: spans that were made are sent.
 */
export async function startTracing(service: string, processor: SpanProcessor): Promise<() => Promise<void>> {
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
  const { W3CTraceContextPropagator } = await import('@opentelemetry/core');
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const { TracerProvider } = await import('@opentelemetry/sdk-trace');
  const resource = resourceFromAttributes({ 'service.name': `makegood-${service}`, 'service.namespace': 'makegood' });
  const provider = new TracerProvider({ resource, spanProcessors: [processor] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  setTracing(true);
  return async () => {
    setTracing(false);
    await provider.shutdown();
    for (const api of [context, propagation, trace]) api.disable();
  };
}
