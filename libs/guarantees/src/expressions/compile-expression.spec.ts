import { EvaluationError } from '../guarantee.js';
import { breachScope, fact, sample } from '../test-terms.js';
import { roundToMoney } from './amount.js';

const covers = (text: string) => sample({ root: `covers: '${text}'` }).opens.covers!;
const money = { amountMinor: 1234, currency: 'EUR' };

describe('conditions', () => {
  const data = {
    s: 'x',
    n: 3,
    f: 2.5,
    yes: true,
    no: false,
    nothing: null,
    list: [1, 5],
    money,
    deep: { a: { b: 'c' } },
  };
  it.each([
    // plain comparisons, compiled to closures
    ['event.data.s == "x"', true],
    ['"x" == event.data.s', true],
    ['event.data.s != "x"', false],
    ['event.data["s"] == "x"', true],
    ['event.data.deep.a.b == "c"', true],
    ['event.data.yes', true],
    ['event.data.yes == true && !event.data.no', true],
    ['event.data.s == "y" || event.data.yes', true],
    ['event.data.missing == "y" || event.data.yes', true],
    ['event.data.missing == "y" && event.data.no', false],
    ['event.data.nothing == "x"', false],
    ['event.data.n == "3"', false],
    ['subject == "S-1" && event.type == "a.opened" && event.source == "test" && event.id == "e1"', true],
    // the rest of CEL
    ['event.data.n > 2 && event.data.n >= 3.0 && event.data.n == 3', true],
    ['event.data.n + 1 == 4 && event.data.n * 2 - 1 == 5 && event.data.f / 2 == 1.25', true],
    ['event.data.list.exists(i, i > 4) && !event.data.list.all(i, i > 4)', true],
    ['has(event.data.missing) || event.data.s.startsWith("x")', true],
    ['event.time < timestamp("2026-01-05T09:00:00.001Z") && event.time.getHours("Europe/Berlin") == 10', true],
    ['timestamp("2026-01-05T10:00:00Z") - event.time == duration("1h")', true],
    [
      'event.data.money > money("12.33") && event.data.money <= money(12.34) && event.data.money == money("12.34")',
      true,
    ],
    ['event.data.money * 2 > event.data.money && percent(event.data.money, 50) == money("6.17")', true],
    ['min(event.data.n, 2) == 2 && max(money(1), event.data.money) == money("12.34")', true],
    ['customer.segment == "vip"', true],
    ['customer.contract == null', true],
  ])('%s is %p', (text, expected) => {
    const extensions = { customersegment: 'vip' };
    expect(covers(text).evaluate(fact(data, { extensions }))).toBe(expected);
  });

  it.each([
    ['event.data.missing == "x"', 'the field missing is missing'],
    ['event.data.no || event.data.missing == "x"', 'the field missing is missing'],
    ['event.data.missing == "x" || event.data.no', 'the field missing is missing'],
    ['event.data.yes && event.data.missing == "x"', 'the field missing is missing'],
    ['!event.data.missing', 'the field missing is missing'],
    ['event.data.s', 'true or false was expected, text was found'],
    ['event.data.money < money("1 USD")', 'EUR and USD cannot be combined'],
    ['event.data.constructor == "x"', 'the field constructor is missing'],
    ['event.data.long.all(i, i == 1)', 'lists of at most 1000 elements were expected'],
  ])('%s fails with its place and the event: %s', (text, reason) => {
    const long = Array<number>(1001).fill(1);
    const evaluate = () => covers(text).evaluate(fact({ ...data, long }));
    expect(evaluate).toThrow(EvaluationError);
    expect(evaluate).toThrow(`guarantees/sample.yaml:9:10  \`${text}\` of event a.opened e1: ${reason}`);
  });
});

describe('parties, references and facts', () => {
  const { opens } = sample({
    opens: `customer: event.data.c
  payer: event.data.p.id
  cycle: event.id + "-" + event.data.round
  refs: { order: subject, n: event.data.n }
  base: { freight: event.data.freight, half: event.data.freight / 2 }
  facts: { region: event.data.region, big: 'event.data.n * 2', tag: '[event.data.region, "x"]', at: event.time }`,
  });

  it('are null where the event has no such field', () => {
    const bare = fact({});
    expect(
      [opens.customer, opens.payer, opens.refs['n'], opens.facts['region'], opens.facts['big'], opens.facts['tag']].map(
        (e) => e?.evaluate(bare),
      ),
    ).toEqual(Array(6).fill(null));
    expect(opens.customer?.evaluate(fact({ c: '' }))).toBeNull();
    expect(opens.customer?.evaluate(fact({ c: null }))).toBeNull();
    expect(opens.payer?.evaluate(fact({ p: 'no object' }))).toBeNull();
  });

  it('are text, amounts and plain JSON', () => {
    const full = fact({ c: 42, n: 7, freight: money, region: 'RS', round: 'r2' });
    expect(opens.customer?.evaluate(full)).toBe('42');
    expect(opens.cycle?.evaluate(full)).toBe('e1-r2');
    expect(opens.refs['order']?.evaluate(full)).toBe('S-1');
    expect(opens.base['freight']?.evaluate(full)).toEqual(money);
    expect(opens.base['half']?.evaluate(full)).toEqual({ amountMinor: 617, currency: 'EUR' });
    expect([opens.facts['big'], opens.facts['tag'], opens.facts['at']].map((e) => e?.evaluate(full))).toEqual([
      14,
      ['RS', 'x'],
      '2026-01-05T09:00:00.000Z',
    ]);
  });

  it.each([
    [{ c: 'x'.repeat(201) }, 'text of at most 200 characters was expected'],
    [{ c: 1.5 }, 'text was expected, a number was found'],
    [{ c: {} }, 'text was expected, an object was found'],
  ])('refuse a customer such as %.30j', (data, reason) => {
    expect(() => opens.customer?.evaluate(fact(data))).toThrow(reason);
  });

  it.each([
    [{}, 'the field freight is missing'],
    [{ freight: 5 }, 'money ({amountMinor, currency}) was expected'],
    [{ freight: { amountMinor: -1, currency: 'EUR' } }, 'money of zero or more was expected'],
    [{ freight: { amountMinor: 10 ** 15 + 1, currency: 'EUR' } }, 'money ({amountMinor, currency}) was expected'],
  ])('refuse a base such as %j', (data, reason) => {
    expect(() => opens.base['freight']?.evaluate(fact(data))).toThrow(reason);
  });

  it('bound what is kept as a fact', () => {
    expect(() => opens.facts['region']?.evaluate(fact({ region: 'x'.repeat(2_001) }))).toThrow(
      'at most 2000 characters',
    );
    expect(() => opens.facts['region']?.evaluate(fact({ region: ['x'.repeat(2_000)] }))).toThrow(
      'at most 2000 characters',
    );
  });
});

describe('expressions over a verdict', () => {
  const scope = breachScope({ base: { fare: money }, latenessMs: 3_600_001, completedAtMs: 3_600_001 });
  const amount = (text: string, currency = 'EUR', root = '') =>
    sample({
      currency,
      root,
      opens: 'base: { fare: event.data.fare }\n  facts: { region: event.data.region }',
      remedies: `[{ id: a, kind: refund, amount: '${text}' }]`,
    }).remedies[0]!.amount!;

  it.each([
    ['base.fare', 'EUR', 1234, 'EUR'],
    ['percent(base.fare, 10)', 'EUR', 123, 'EUR'],
    ['percent(base.fare, 12.5)', 'EUR', 154, 'EUR'],
    ['base.fare / 4 * 3', 'EUR', 926, 'EUR'],
    ['0.5 * base.fare', 'EUR', 617, 'EUR'],
    ['min(base.fare, money("5.00"))', 'EUR', 500, 'EUR'],
    ['max(base.fare - money(20), money(1))', 'EUR', 100, 'EUR'],
    ['money(500)', 'JPY', 500, 'JPY'],
    ['percent(money("1.255"), 50)', 'KWD', 628, 'KWD'],
    ['facts.region == null ? money(1) : money(2)', 'EUR', 100, 'EUR'],
    ['lateness > duration("1h") && latenessMs == 3600001 && completed ? base.fare : money(0)', 'EUR', 1234, 'EUR'],
  ])('%s is owed exactly', (text, currency, amountMinor, given) => {
    expect(roundToMoney(amount(text, currency).evaluate(scope), 'half-up')).toEqual({ amountMinor, currency: given });
  });

  it('stays exact: rounding is for the end', () => {
    expect(roundToMoney(amount('base.fare / 8 * 8').evaluate(scope), 'down').amountMinor).toBe(1234);
    expect(roundToMoney(amount('base.fare / 8').evaluate(scope), 'up').amountMinor).toBe(155);
  });

  it('says whether it needs the lateness', () => {
    expect(
      ['base.fare', 'base.fare * latenessMs', 'completed ? base.fare : money(1)'].map(
        (text) => amount(text).needsLateness,
      ),
    ).toEqual([false, true, false]);
  });
});
