import { compileGuarantees } from '#libs/guarantees';
import { breach, judged, termsText } from './breaches.spec-kit.js';

describe('terms that a guarantee has from another', () => {
  const remedies = `  - { id: back, kind: refund, amount: base.fare }`;
  const parent = { file: 'guarantees/sample.yaml', text: termsText(remedies, 'claim: {}') };
  const child = {
    file: 'guarantees/child.yaml',
    text: 'apiVersion: makegood/v1\nkind: Guarantee\nname: child\nversion: 2\nextends: sample\n',
  };
  const guarantee = compileGuarantees([parent, child]).guarantees?.find(({ name }) => name === 'child');
  const line = (text: string) => parent.text.split('\n').indexOf(text) + 1;

  it('are explained by the file in which they stand', () => {
    if (guarantee === undefined) throw new Error('the child was refused');
    const [owed] = judged(guarantee, breach(1), '2026-06-05T00:00:00Z').lines;
    expect(owed?.explanation[0]).toMatch(`(guarantees/sample.yaml v2, line ${line(remedies)})`);
    expect(judged(guarantee, breach(1)).nothing?.explanation[0]).toMatch(
      `(guarantees/sample.yaml v2, line ${line('claim: {}')})`,
    );
  });
});
