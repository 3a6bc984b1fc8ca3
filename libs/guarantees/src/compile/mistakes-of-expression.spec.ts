import { expectProblem, problemsOf } from './spoiled-terms.js';

describe('expressions', () => {
  const covers = 'event.data.product == "EMS"';
  const when = 'when: lateness > duration("1h")';
  const region = 'Did you mean `region`? Known: region.';
  it.each([
    [
      covers,
      'event.data.product = "EMS"',
      'GUARANTEE_EXPRESSION_SYNTAX',
      '9:28',
      'covers: the expression cannot be read: Unexpected character: =',
      'Expressions are CEL: paths such as event.data.product, text in double quotes, == && || !.',
    ],
    [
      covers,
      'evnt.data.product == "EMS"',
      'GUARANTEE_EXPRESSION_UNKNOWN_NAME',
      '9:9',
      'covers: there is no variable `evnt` here',
      'Did you mean `event`? Known: event, subject, customer.',
    ],
    [
      covers,
      'event.dta.product == "EMS"',
      'GUARANTEE_EXPRESSION_UNKNOWN_NAME',
      '9:15',
      'covers: `event` has no field `dta`',
      'Did you mean `data`? Known: id, source, type, subject, time, data.',
    ],
    [
      covers,
      '5 > "a"',
      'GUARANTEE_EXPRESSION_TYPE',
      '9:9',
      'covers: the types do not fit: no such overload: int > string',
      'Numbers are compared with numbers, text with text in double quotes, money with money("5.00").',
    ],
    [
      covers,
      'size(event.data.product)',
      'GUARANTEE_EXPRESSION_TYPE',
      '9:9',
      'covers: `size(event.data.product)` gives int, but true or false is needed here',
      'Compare it, e.g. event.data.product == "EMS".',
    ],
    [
      covers,
      'event.data.product.matches("x")',
      'GUARANTEE_EXPRESSION_TOO_COSTLY',
      '9:28',
      'covers: patterns have no bound on their cost',
      'Use startsWith, endsWith, contains or ==.',
    ],
    [
      covers,
      'event.data.l.all(a, a.all(b, b.all(c, c)))',
      'GUARANTEE_EXPRESSION_TOO_COSTLY',
      '9:38',
      'covers: loops are nested 3 deep, 2 are allowed',
      'Let the source send the result instead.',
    ],
    [
      'amount: base.freight',
      'amount: base.frieght',
      'GUARANTEE_EXPRESSION_UNKNOWN_NAME',
      '24:18',
      'amount: `base` has no field `frieght`',
      'Did you mean `freight`? Known: freight.',
    ],
    [
      'amount: base.freight',
      'amount: 500',
      'GUARANTEE_EXPRESSION_TYPE',
      '24:13',
      'amount: `500` gives int, but money is needed here',
      "Write money(500) for major units of the guarantee's currency.",
    ],
    [
      'amount: base.freight',
      'amount: money("5,00")',
      'GUARANTEE_EXPRESSION_LITERAL',
      '24:19',
      'amount: money("5,00") cannot be read',
      'Money is written money("5.00") or money("5.00 EUR").',
    ],
    [
      'duration("1h")',
      'duration("PT1H")',
      'GUARANTEE_EXPRESSION_LITERAL',
      '25:31',
      'when: duration("PT1H") cannot be read',
      'In expressions a duration is written duration("1h30m"), with the units h, m, s and ms.',
    ],
    [
      when,
      'when: >-\n      lateness > duration("1h") &&\n      facts.regoin == "RS"',
      'GUARANTEE_EXPRESSION_UNKNOWN_NAME',
      '27:13',
      'when: `facts` has no field `regoin`',
      region,
    ],
    [
      when,
      'when: |\n      lateness > duration("1h") &&\n        facts.regoin == "RS"',
      'GUARANTEE_EXPRESSION_UNKNOWN_NAME',
      '27:15',
      'when: `facts` has no field `regoin`',
      region,
    ],
    [
      when,
      `when: 'lateness > duration("1h") && facts.regoin == "it''s"'`,
      'GUARANTEE_EXPRESSION_UNKNOWN_NAME',
      '25:47',
      'when: `facts` has no field `regoin`',
      region,
    ],
    [
      when,
      'when: "lateness > duration(\\"1h\\") && facts.regoin == \\"RS\\""',
      'GUARANTEE_EXPRESSION_UNKNOWN_NAME',
      '25:49',
      'when: `facts` has no field `regoin`',
      region,
    ],
    [
      when,
      'when: "\\"a\\" > 5"',
      'GUARANTEE_EXPRESSION_TYPE',
      '25:13',
      'when: the types do not fit: no such overload: string > int',
      'Numbers are compared with numbers, text with text in double quotes, money with money("5.00").',
    ],
  ])('%j → %j: %s at %s', expectProblem);

  it('asks for quotes where an expression begins with !', () => {
    const [problem] = problemsOf(when, 'when: !completed');
    expect([problem?.code, problem?.at?.line, problem?.advice]).toEqual([
      'GUARANTEE_YAML_INVALID',
      25,
      'An expression that begins with ! stands in quotes.',
    ]);
  });

  it('suggests the nearest function', () => {
    const [problem] = problemsOf(covers, 'event.data.product.startWith("x")');
    expect([problem?.at?.column, problem?.advice?.slice(0, 26)]).toEqual([28, 'Did you mean `startsWith`?']);
  });
});
