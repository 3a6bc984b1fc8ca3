import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { NextFunction, Request, Response } from 'express';
import { contextOf } from './tracing.js';

const SERVER_ERRORS = 500;
const tracer = trace.getTracer('makegood');

/** Express middleware: a span a request, within the caller's trace. It names the route, never what stands in the path. */
export function traceRequests(request: Request, response: Response, next: NextFunction): void {
  const { method } = request;
  const parent = contextOf(request.headers);
  const span = tracer.startSpan(
    method,
    { kind: SpanKind.SERVER, attributes: { 'http.request.method': method } },
    parent,
  );
  response.once('close', () => {
    const route = (request.route as { readonly path?: unknown } | undefined)?.path;
    if (typeof route === 'string') span.updateName(`${method} ${route}`).setAttribute('http.route', route);
    span.setAttribute('http.response.status_code', response.statusCode);
    if (response.statusCode >= SERVER_ERRORS) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  context.with(trace.setSpan(parent, span), next);
}
