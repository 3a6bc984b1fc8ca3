import { FileError } from '#libs/source-maps';
import { loadSources } from './load-sources.js';

const TEXT = `apiVersion: makegood/v1
kind: Sources
sources:
  - name: olist
    source: shop/olist
    maps: [olist-orders.map.yaml]
  - name: parcels
    source: post/parcels
    skew: PT30S
    heartbeat: { within: PT15M, by: event.data.office }
`;
const load = (text: string) => loadSources({ file: 'sources.yaml', text }, 'samples');
const problemOf = (text: string) => {
  try {
    load(text);
  } catch (error) {
    return (error as FileError).problems[0];
  }
  throw new Error('it was not refused');
};

it('knows the sources with their maps and heartbeats', () => {
  const sources = load(TEXT);
  expect(sources.get('olist')).toMatchObject({ skewMs: 120_000, heartbeat: null, maps: [{ name: 'olist-orders' }] });
  expect(sources.get('parcels')).toMatchObject({
    skewMs: 30_000,
    heartbeat: { withinMs: 900_000, by: ['data', 'office'], during: null },
  });
  expect(loadSources(null, undefined).size).toBe(0);
});

it('the shipped files are right', async () => {
  const { readFileSync } = await import('node:fs');
  const file = 'samples/sources.yaml';
  expect([...loadSources({ file, text: readFileSync(file, 'utf8') }, 'samples').keys()]).toContain('olist');
});

it.each([
  ['heartbeat', 'heartbeet', 'SOURCES_UNKNOWN_FIELD', 10, 5, 'heartbeat'],
  ['PT15M', '15min', 'SOURCES_FIELD_INVALID', 10, 26, undefined],
  ['within: PT15M', 'within: PT15M, during: Office Hours', 'SOURCES_FIELD_INVALID', 10, 41, undefined],
  ['olist-orders.map', 'olist-order.map', 'SOURCES_FIELD_INVALID', 6, 11, undefined],
  ['shop/olist', 'shop/other', 'SOURCES_FIELD_INVALID', 5, 13, undefined],
  ['name: parcels', 'name: olist', 'SOURCES_FIELD_INVALID', 7, 11, undefined],
])('%s → %s is refused', (right, wrong, code, line, column, nearest) => {
  const problem = problemOf(TEXT.replace(right, wrong));
  expect(problem).toMatchObject({ code, at: { file: 'sources.yaml', line, column } });
  if (nearest) expect(problem?.advice).toContain(`Did you mean \`${nearest}\`?`);
});

it('judges silence in the open hours of a calendar', () => {
  const sources = load(TEXT.replace('within: PT15M', 'within: PT15M, during: office-hours'));
  expect(sources.get('parcels')?.heartbeat).toMatchObject({ withinMs: 900_000, during: 'office-hours' });
});
