import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

/** One registry a process; `/metrics` shows it. */
export const metricsRegistry = new Registry();
collectDefaultMetrics({ register: metricsRegistry });

export function counter<Label extends string>(name: string, help: string, labelNames: Label[] = []): Counter<Label> {
  return new Counter({ name, help, labelNames, registers: [metricsRegistry] });
}

export function gauge<Label extends string>(name: string, help: string, labelNames: Label[] = []): Gauge<Label> {
  return new Gauge({ name, help, labelNames, registers: [metricsRegistry] });
}
