import { compileGuarantees } from '../index.js';
import { expectProblem, problemsOf, SOUND } from './spoiled-terms.js';

it('accepts the sound one', () => {
  expect(compileGuarantees([{ file: 'guarantees/x.yaml', text: SOUND }]).problems).toBeUndefined();
});

describe('shape', () => {
  it.each([
    [
      'allowance: PT6H',
      'alowance: PT6H',
      'GUARANTEE_UNKNOWN_FIELD',
      '19:3',
      'evidence has no field `alowance`',
      'Did you mean `allowance`? Known: kept, failed, cancelled, rescheduled, rescheduleAtMost, firstDeadline, paused, revoked, owned, learned, sources, unknownAtMost, resumeGrace, after, allowance, correction, completionLimit.',
    ],
    [
      '    kind: refund',
      '    kind: refunds',
      'GUARANTEE_WRONG_VALUE',
      '23:11',
      'kind cannot be `refunds`',
      'Did you mean `refund`? Known: refund, credit, voucher, points, apology, notice, gift, callback.',
    ],
    [
      'title: Delivered by the promised day\n',
      '',
      'GUARANTEE_MISSING_FIELD',
      '1:1',
      'the guarantee needs `title`',
      'Add `title:`, e.g. `title: Delivered in time, or the freight back`.',
    ],
    [
      '    amount: base.freight\n',
      '',
      'GUARANTEE_MISSING_FIELD',
      '22:5',
      'a remedy of kind refund needs `amount` or `tiers` or `perDay`',
      'Add it, e.g. `amount: base.freight`.',
    ],
    [
      'version: 1',
      'version: "1"',
      'GUARANTEE_WRONG_TYPE',
      '4:10',
      'version must be a whole number, but the text 1 was found',
      'Write a whole number, e.g. `version: 1`.',
    ],
    [
      'version: 1',
      'version: 0',
      'GUARANTEE_WRONG_VALUE',
      '4:10',
      'version cannot be 0',
      'Write a whole number from 1 to 1000000.',
    ],
    [
      'due: { by: { endOf: event.data.promisedDate } }',
      'due: PT3M',
      'GUARANTEE_WRONG_TYPE',
      '16:6',
      'due must be a mapping (name: value) or a list ([a, b] or lines beginning with -), but the text PT3M was found',
      'Write e.g. `due: { within: PT3M }`.',
    ],
    [
      'customer: event.data.customerId',
      'customer:',
      'GUARANTEE_WRONG_TYPE',
      '12:12',
      'customer must be an expression, but nothing was found',
      'Write an expression, e.g. `customer: event.data.customerId`.',
    ],
    [
      'kept: [{ on: shop.order.delivered, when: event.data.author != "bot" }]',
      'kept: []',
      'GUARANTEE_ENTRY_COUNT',
      '18:9',
      'kept has 0 entries, 1 to 20 are allowed',
      'Give kept 1 to 20 entries.',
    ],
    [
      'on: shop.order.placed',
      'on: shop order',
      'GUARANTEE_BAD_NAME',
      '11:7',
      'on: `shop order` is no event type',
      'Write it as the events have it, e.g. shop.order.placed.',
    ],
    [
      'name: order-delivery',
      'name: Order Delivery',
      'GUARANTEE_BAD_NAME',
      '3:7',
      'name cannot be `Order Delivery`',
      'Small letters, digits and hyphens, a letter first.',
    ],
    [
      'refs: { order: subject }',
      'refs: { order-no: subject }',
      'GUARANTEE_BAD_NAME',
      '13:11',
      '`order-no` cannot be a name in refs',
      'Names begin with a letter; letters, digits and _ follow.',
    ],
    [
      '  correction: P14D',
      '  correction: P14D\n  correction: P15D',
      'GUARANTEE_DUPLICATE_FIELD',
      '21:3',
      'the field stands here a second time',
      'Keep one of the two.',
    ],
    [
      '  correction: P14D',
      '\tcorrection: P14D',
      'GUARANTEE_YAML_INVALID',
      '20:1',
      'the file is no valid YAML: Tabs are not allowed as indentation',
      'Indent with spaces.',
    ],
    [
      'customer: event.data.customerId',
      'customer: &c event.data.customerId',
      'GUARANTEE_YAML_INVALID',
      '12:16',
      'anchors and aliases are no part of the language',
      'Write the value out: whoever reads a term should see it.',
    ],
    [
      'facts: { region: event.data.region }',
      'facts: { region: event.data.a ? 1 : 2 }',
      'GUARANTEE_YAML_INVALID',
      '15:20',
      'the file is no valid YAML: Block collections are not allowed within flow collections',
      'An expression with ": ", "#", or, within braces, a comma or brace stands in single quotes.',
    ],
  ])('%j → %j: %s at %s', expectProblem);
});

describe('problems', () => {
  it('show the source line with a mark below the place', () => {
    const [problem] = problemsOf('allowance: PT6H', 'allowance: P6H');
    expect(problem).toMatchObject({ at: { file: 'guarantees/x.yaml', line: 19, column: 14 } });
    expect(problem?.detail).toBe('allowance: `P6H` is no duration\n  19 |   allowance: P6H\n                    ^');
  });

  it('are told all at once', () => {
    const found = problemsOf('allowance: PT6H\n  correction: P14D', 'alowance: PT6H\n  correction: 2 weeks');
    expect(found.map((problem) => problem.code)).toEqual(['GUARANTEE_UNKNOWN_FIELD', 'GUARANTEE_BAD_DURATION']);
  });

  it.each([
    ['', 'GUARANTEE_EMPTY'],
    ['# nothing\n', 'GUARANTEE_EMPTY'],
    ['- a\n', 'GUARANTEE_WRONG_TYPE'],
    [`${SOUND}---\n${SOUND}`, 'GUARANTEE_YAML_INVALID'],
    ['a: {', 'GUARANTEE_YAML_INVALID'],
    ['x'.repeat(100_001), 'GUARANTEE_TOO_LONG'],
  ])('refuse files that are no guarantee %#', (text, code) => {
    const problems = compileGuarantees([{ file: 'x.yaml', text }]).problems;
    expect(problems?.[0]).toMatchObject({ code, at: { file: 'x.yaml' } });
  });
});
