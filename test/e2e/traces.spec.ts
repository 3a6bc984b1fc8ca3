import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatInstant } from '#libs/kernel';
import { until } from './infrastructure.js';
import { TimerWorld } from './timer-world.js';
import { GUARANTEE } from './traps.js';

interface Span {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly { readonly key: string; readonly value: { stringValue?: string } }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<Span, 'service'>[] }[];
  }[];
}

const CALLER = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
const ORDER = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) };
const traceparentOf = ({ traceId, spanId }: typeof CALLER): string => `00-${traceId}-${spanId}-01`;
const AT_MS = Date.UTC(2026, 2, 2, 9);

/** A collector: takes spans by OTLP over HTTP, as JSON. */
const spans: Span[] = [];
const requests: string[] = [];
let collector: Server;
let world: TimerWorld;

beforeAll(async () => {
  collector = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      requests.push(`${request.method} ${request.url}`);
      spans.push(...spansOf(JSON.parse(body) as Export));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  world = await TimerWorld.open({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  });
  await world.start('intake');
  await world.start('sla-timer');
  await world.json('sla-timer', '/guarantees', { files: [{ file: 'guarantees/trap.yaml', text: GUARANTEE }] });
}, 120_000);
afterAll(async () => {
  await world?.close();
  collector.close();
}, 60_000);

it('an order is followed from its sender to the promise that it opens, over the topics between', async () => {
  const event = {
    specversion: '1.0',
    id: 'traced',
    source: 'trap/source',
    type: 'trap.opened',
    subject: 'traced',
    time: formatInstant(AT_MS),
    receivedat: formatInstant(AT_MS),
    traceparent: traceparentOf(ORDER),
    data: {
      customer: 'c1',
      fee: { amountMinor: 1_000, currency: 'EUR' },
      region: 'north',
      dueAt: formatInstant(AT_MS + 3_600_000),
    },
  };
  await until('intake to be ready', async () => (await world.http('intake', '/health/ready')).ok);
  const response = await world.http('intake', '/events', {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json', traceparent: traceparentOf(CALLER) },
    body: JSON.stringify(event),
  });
  expect(response.status).toBe(202);

  const received = await spanOf('makegood-intake', 'POST /events', (span) => span.parentSpanId === CALLER.spanId);
  expect(received.traceId).toBe(CALLER.traceId);
  expect(leadsFrom(ORDER, received)).toBe(true);
  const sent = await spanOf('makegood-intake', 'send makegood.events.v1', (span) => leadsFrom(received, span));
  const processed = await spanOf('makegood-sla-timer', 'process makegood.events.v1', (span) => leadsFrom(sent, span));
  await spanOf('makegood-sla-timer', 'send makegood.promises.v1', (span) => leadsFrom(processed, span));
  expect(new Set(requests)).toEqual(new Set(['POST /v1/traces']));
}, 60_000);

function spansOf({ resourceSpans }: Export): Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
    return scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service })));
  });
}

function leadsFrom({ traceId, spanId }: Pick<Span, 'traceId' | 'spanId'>, span: Span): boolean {
  return span.links?.some((link) => link.traceId === traceId && link.spanId === spanId) ?? false;
}

function spanOf(service: string, name: string, holds: (span: Span) => boolean): Promise<Span> {
  return until(`the span "${name}" of ${service}`, () =>
    spans.find((span) => span.service === service && span.name === name && holds(span)),
  );
}
