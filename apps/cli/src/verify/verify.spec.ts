import { checkedText } from './verify.js';

const finding = (n: number) => ({
  ...{ check: 'verdict-from-facts', id: `p${n}`, found: 'verdict kept', expected: 'verdict breached' },
  lookAt: `./makegood explain p${n}`,
});

it('says what disagrees, what it should be, and where to look', () => {
  expect(checkedText('verdicts as stored', 'subjects', { checked: 1_200, findings: [finding(1)] })).toEqual([
    '✗ verdicts as stored: 1,200 subjects, 1 disagree',
    '    verdict-from-facts p1',
    '      found verdict kept, computed verdict breached',
    '      look at ./makegood explain p1',
  ]);
});

it('shows some of many, and says how many are left', () => {
  const findings = Array.from({ length: 23 }, (_, n) => finding(n));
  const text = checkedText('verdicts as stored', 'subjects', { checked: 23, findings });
  expect(text).toHaveLength(1 + 3 * 20 + 1);
  expect(text.at(-1)).toBe('    and 3 more (--json)');
});

it('says so when all is well', () => {
  expect(checkedText('x', 'promises', { checked: 7, findings: [] })).toEqual(['✓ x: 7 promises, all as computed anew']);
});
