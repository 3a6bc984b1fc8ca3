import { readFileSync } from 'node:fs';
import { compileGuarantees, type TermsFile } from '../index.js';
import { OFFICE_HOURS, textOf } from '../test-terms.js';

const PAGE = readFileSync(new URL('../../../../docs/guarantees.md', import.meta.url), 'utf8');
const EXAMPLES = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] as string);

const BASE: TermsFile = { file: 'base.yaml', text: textOf({ name: 'order-delivery' }) };
const TRANSIT: TermsFile = { kind: 'table', file: 'tables/transit.csv', text: 'from,to,time\nHGH,PEK,P2D\n' };

describe('docs/guarantees.md', () => {
  it('shows the language part by part', () => {
    expect(EXAMPLES.length).toBeGreaterThan(18);
  });

  it.each(EXAMPLES.map((text, i) => [i + 1, text] as const))('example %i compiles', (_n, example) => {
    const head = 'apiVersion: makegood/v1\nkind: Guarantee\nname: example\nversion: 1\n';
    const parent = /^extends:/m.test(example) ? '' : 'extends: order-delivery\n';
    const files = [BASE, TRANSIT, OFFICE_HOURS, { file: 'example.yaml', text: head + parent + example }];
    expect(compileGuarantees(files).problems).toBeUndefined();
  });
});
