import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One registry a process; `/metrics` shows it. */
export const metricsRegistry = new Registry();
collectDefaultMetrics({ register: metricsRegistry });

export function counter<Label extends string>(name: string, help: string, labelNames: Label[] = []): Counter<Label> {
  return new Counter({ name, help, labelNames, registers: [metricsRegistry] });
}

export function gauge<Label extends string>(name: string, help: string, labelNames: Label[] = []): Gauge<Label> {
  return new Gauge({ name, help, labelNames, registers: [metricsRegistry] });
}

export function histogram<Label extends string>(name: string, help: string, buckets: number[], labelNames: Label[] = []): Histogram<Label> {
  return new Histogram({ name, help, buckets, labelNames, registers: [metricsRegistry] });
}
