import { compileDisruptionScope, type DisruptionView } from '../index.js';

const VIEW: DisruptionView = {
  guarantee: 'order-delivery',
  promiseType: 'delivery',
  subject: '4711',
  customer: 'c-1',
  owner: null,
  group: 'g-1',
  facts: { region: 'RS', weight: 12.5 },
  refs: { order: '4711' },
  openedAtMs: Date.parse('2018-05-20T00:00:00Z'),
  dueAtMs: Date.parse('2018-05-25T00:00:00Z'),
};

describe('the scope of a disruption', () => {
  it.each([
    ['true', true],
    ['facts.region in ["RS", "SC"]', true],
    ['facts.region in ["SP"]', false],
    ['facts.region == "RS" && guarantee == "order-delivery"', true],
    ['promiseType == "waiting" || refs.order == "4711"', true],
    ['owner == null && group == "g-1"', true],
    ['facts.weight > 10', true],
    ['dueAt < timestamp("2018-06-01T00:00:00Z") && openedAt > "2018-05-01T00:00:00Z"', true],
    // what is not there, or of another kind, is outside, whichever way it is asked
    ['facts.office == "Kassel"', false],
    ['facts.office != "Kassel"', false],
    ['!(facts.office in ["Kassel"])', false],
    ['facts.region > 5', false],
    ['facts.office == "Kassel" || facts.region == "RS"', true],
  ])('%s: %s', (text, expected) => {
    expect(compileDisruptionScope(text).matches?.(VIEW)).toBe(expected);
  });

  it.each([
    ['', 'scope: the expression cannot be read', 1],
    ['facts.region', null, 0],
    ['fact.region == "RS"', 'scope: there is no variable `fact` here', 1],
    ['facts.region in', 'scope: the expression cannot be read', 16],
    ['facts.region in ["RS"] ? "yes" : "no"', 'scope: `facts.region in ["RS"] ? "yes" : "no"` gives string', 1],
    ['facts.name.matches("a+")', 'scope: patterns have no bound on their cost', 12],
  ])('%j: %s', (text, detail, column) => {
    const { problems } = compileDisruptionScope(text);
    if (detail === null) return expect(problems).toBeUndefined();
    expect(problems).toMatchObject([{ code: 'DISRUPTION_SCOPE_INVALID', at: { line: 1, column } }]);
    expect(problems?.[0]?.detail).toContain(detail);
  });
});
