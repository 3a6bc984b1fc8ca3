import { parse } from 'yaml';
import { metricsRegistry } from '#libs/observability';
import { readText, sourcesBelow } from './source-files.js';

/*
 * Dashboard and alert rules name only what the services show: a renamed metric leaves no panel empty and no alarm dead.
 * And what the services show is on the dashboard or in a rule, and in docs/operations.md.
 */

interface Metric {
  readonly kind: string;
  readonly name: string;
}

const DECLARED = /\b(counter|gauge|histogram)\(\s*'(makegood_[a-z_]+)'/g;
const NAMED = /\b(?:makegood|process|nodejs)_[a-z0-9_]+/g;

const metrics: Metric[] = [...sourcesBelow('apps', 'libs')]
  .filter(([path]) => !path.endsWith('.spec.ts'))
  .flatMap(([, text]) => [...text.matchAll(DECLARED)])
  .map(([, kind, name]) => ({ kind: kind as string, name: name as string }));

/** The names under which Prometheus keeps a metric. */
const seriesOf = ({ kind, name }: Metric): string[] =>
  kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
const known = new Set([...metrics.flatMap(seriesOf), ...metricsRegistry.getMetricsAsArray().map(({ name }) => name)]);

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}
interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

const dashboard = JSON.parse(readText('deploy/grafana/makegood.json')) as Dashboard;
const rules = (parse(readText('deploy/prometheus/alerts.yml')) as Rules).groups.flatMap((group) => group.rules);
const queries = [
  ...dashboard.panels.flatMap(({ title, targets }) => (targets ?? []).map(({ expr }) => [title, expr] as const)),
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
];

function unknownIn(expression: string): string[] {
  return [...expression.matchAll(NAMED)].map(([name]) => name).filter((name) => !known.has(name));
}

it('finds the metrics in the code', () => {
  expect(metrics.length).toBeGreaterThan(20);
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
});

it('finds what is planted', () => {
  expect(unknownIn('rate(makegood_batches_total[5m])')).toEqual(['makegood_batches_total']);
  expect(unknownIn('rate(makegood_batch_seconds[5m])')).toEqual(['makegood_batch_seconds']); // a histogram has no such series
});

it.each(queries)('%s asks for what there is: %s', (_place, expression) => {
  expect(unknownIn(expression)).toEqual([]);
});

it('shows or watches every metric', () => {
  const asked = queries.map(([, expression]) => expression).join('\n');
  const unseen = metrics.filter((metric) => !seriesOf(metric).some((series) => asked.includes(series)));
  expect(unseen.map(({ name }) => name)).toEqual([]);
});

it('tells of every metric in docs/operations.md', () => {
  const text = readText('docs/operations.md');
  expect(metrics.map(({ name }) => name).filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});
