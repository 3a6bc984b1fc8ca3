import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { compileGuarantees, guaranteeInForce, guaranteeJsonSchema, type Guarantee } from '../index.js';
import { dueOf, fact, sample, textOf } from '../test-terms.js';

const ROOT = new URL('../../../../', import.meta.url);
const shipped = yamlIn('guarantees');
const calendars = yamlIn('calendars').map((file) => ({ ...file, kind: 'calendar' as const }));
/** Whoever asks for public holidays: 1 January and 25 May of 2026. */
const host = { publicHolidays: () => [20454, 20598] };

function yamlIn(folder: string): { file: string; text: string }[] {
  const names = readdirSync(new URL(`${folder}/`, ROOT)).filter((name) => name.endsWith('.yaml'));
  return names.sort().map((name) => {
    const file = `${folder}/${name}`;
    return { file, text: readFileSync(new URL(file, ROOT), 'utf8') };
  });
}

const iso = (ms: number): string => new Date(ms).toISOString();

describe('the shipped guarantees', () => {
  const compiled = compileGuarantees([...shipped, ...calendars], host);
  const named = (name: string): Guarantee => compiled.guarantees?.find((g) => g.name === name) as Guarantee;

  it('compile, each named as its file, with its source', () => {
    expect(compiled.problems).toBeUndefined();
    expect(compiled.guarantees?.map((g) => g.file)).toEqual(
      compiled.guarantees?.map((g) => `guarantees/${g.name}.yaml`),
    );
    expect(compiled.guarantees?.filter((g) => g.source === null)).toEqual([]);
  });

  it('order-delivery: the freight back after the end of the promised day in São Paulo', () => {
    const terms = named('order-delivery');
    const money = { amountMinor: 6334, currency: 'BRL' };
    const placed = fact(
      { customerId: 'c', promisedDate: '2017-10-14', freight: money, region: 'RS' },
      { subject: '4711' },
    );
    expect(iso(dueOf(terms, placed).dueAtMs)).toBe('2017-10-15T02:59:59.999Z');
    expect(dueOf(terms, placed).explain()).toBe(
      'the end of 2017-10-14 in America/Sao_Paulo (guarantees/order-delivery.yaml v1, line 20)',
    );
    expect(
      [terms.opens.customer, terms.opens.refs['order'], terms.opens.base['freight'], terms.opens.facts['region']].map(
        (e) => e?.evaluate(placed),
      ),
    ).toEqual(['c', '4711', money, 'RS']);
    expect(terms).toMatchObject({
      version: 1,
      promiseType: 'delivery',
      currency: 'BRL',
      mode: 'live',
      announce: 'all',
      effectiveFromMs: null,
      opens: { on: 'shop.order.placed', covers: null, cycle: null },
      evidence: {
        keptAfter: 'any',
        allowanceMs: 6 * 3_600_000,
        correctionMs: 14 * 86_400_000,
        completionLimitMs: 365 * 86_400_000,
      },
      remedies: [
        {
          id: 'freight',
          kind: 'refund',
          nature: 'price-reduction',
          party: 'customer',
          place: { line: 29 },
          endLine: 31,
        },
        { id: 'sorry', kind: 'apology', template: 'delivery-late', nature: 'goodwill' },
      ],
    });
    expect([...terms.factTypes]).toEqual(['shop.order.placed', 'shop.order.delivered', 'shop.order.cancelled']);
    expect(terms.hash).toBe(
      createHash('sha256')
        .update(shipped.find((f) => f.file === terms.file)!.text)
        .digest('hex'),
    );
  });

  it('ems-express understands the events of the design', () => {
    const terms = named('ems-express');
    const types =
      'accepted delivered attempted lost withdrawn re-promised customs-in scan-voided customs-out exception eta';
    expect([...terms.factTypes]).toEqual(types.split(' ').map((type) => `post.item.${type}`));
    expect(terms.evidence.rescheduled).toMatchObject([{ noticeAtLeastMs: 24 * 3_600_000 }]);
    expect(terms.warnings.map(({ id, tell }) => [id, tell])).toEqual([
      ['75%', null],
      ['PT2H', 'recipient'],
      ['post.item.eta', null],
    ]);
    expect(terms.excuses.map(({ code, disruption }) => [code, disruption])).toEqual([
      ['wrong-address', false],
      ['force-majeure', true],
    ]);
  });

  it('ems-express: its own product only, due as promised, the postage back', () => {
    const terms = named('ems-express');
    const accepted = (product: string) =>
      fact({ product, promisedAt: '2026-05-04T16:30:00+08:00', sender: { id: 'c-1' } });
    expect(['EMS', 'parcel'].map((product) => terms.opens.covers?.evaluate(accepted(product)))).toEqual([true, false]);
    expect(iso(dueOf(terms, accepted('EMS')).dueAtMs)).toBe('2026-05-04T08:30:00.000Z');
    expect(terms.opens.customer?.evaluate(accepted('EMS'))).toBe('c-1');
    const absent = terms.evidence.kept[1]!;
    expect(['addressee-absent', 'damaged'].map((reason) => absent.when?.evaluate(fact({ reason })))).toEqual([
      true,
      false,
    ]);
  });

  it.each([
    [
      'hotel-check-in',
      'hotel.guest.arrived',
      180_000,
      'hotel.guest.checked-in',
      ['apology check-in-late', 'points 500'],
    ],
    [
      'hotel-check-out',
      'hotel.guest.leaving',
      240_000,
      'hotel.guest.checked-out',
      ['apology check-out-late', 'points 500'],
    ],
    [
      'hotel-call-1200',
      'hotel.call.received',
      180_000,
      'hotel.staff.arrived',
      ['apology call-late', 'credit percent(base.nightRate, 10)'],
    ],
  ])('%s opens on %s and waits %d ms', (name, on, withinMs, kept, remedies) => {
    const terms = named(name);
    const opening = fact({ guestId: 'g', nightRate: { amountMinor: 30_000, currency: 'CNY' } });
    expect([terms.opens.on, terms.evidence.kept.map((pattern) => pattern.on), terms.evidence.cancelled]).toEqual([
      on,
      [kept],
      [],
    ]);
    expect(dueOf(terms, opening).dueAtMs - opening.occurredAtMs).toBe(withinMs);
    expect(terms.evidence).toMatchObject({ allowanceMs: 0, correctionMs: 7 * 86_400_000 });
    expect(terms.remedies.map((r) => `${r.kind} ${r.template ?? r.points ?? r.amount?.text}`)).toEqual(remedies);
  });
});

describe('due', () => {
  it('runs from the opening, or from an instant that the event names', () => {
    const due = dueOf(sample(), fact({}));
    const inThreeMinutes = Date.UTC(2026, 0, 5, 9, 3);
    expect([due.dueAtMs, due.inTimeUntilMs]).toEqual([inThreeMinutes, inThreeMinutes]);
    expect(due.explain()).toBe('3 min from the opening (guarantees/sample.yaml v1, line 13)');
    const from = sample({ due: '{ within: PT90M, from: event.data.startedAt }' });
    const later = dueOf(from, fact({ startedAt: '2026-01-05T12:00:00+01:00' }));
    expect([later.dueAtMs, later.explain()]).toEqual([
      Date.UTC(2026, 0, 5, 12, 30),
      '1 h 30 min from `event.data.startedAt` (guarantees/sample.yaml v1, line 13)',
    ]);
  });

  it('may be computed from what the event carries', () => {
    const terms = sample({ due: '{ at: timestamp(event.data.at) + duration("15m") }' });
    expect(iso(dueOf(terms, fact({ at: '2026-01-05T12:00:00Z' })).dueAtMs)).toBe('2026-01-05T12:15:00.000Z');
  });

  it('ends a local day in the zone that it names, else in the guarantee’s', () => {
    const by = (zone: string) =>
      dueOf(sample({ due: `{ by: { endOf: event.data.day }${zone} }` }), fact({ day: '2026-03-28' })).dueAtMs;
    expect([iso(by('')), iso(by(', zone: Asia/Shanghai'))]).toEqual([
      '2026-03-28T22:59:59.999Z',
      '2026-03-28T15:59:59.999Z',
    ]);
  });

  it.each([
    ['{ at: event.data.x }', { x: '2026-01-05 12:00' }, 'an instant with an offset between 1970 and 2100 was expected'],
    ['{ at: event.data.x }', {}, 'the field x is missing'],
    ['{ by: { endOf: event.data.x } }', { x: '2026-02-29' }, 'a date as YYYY-MM-DD between 1970 and 2100 was expected'],
    ['{ by: { endOf: event.data.x } }', { x: '2026-02-28T00:00:00Z' }, 'a date as YYYY-MM-DD'],
    ['{ within: P3653D, from: event.data.x }', { x: '2099-01-01T00:00:00Z' }, 'due lies beyond the year 2100'],
  ])('%s of %j: %s', (due, data, reason) => {
    expect(() => dueOf(sample({ due }), fact(data))).toThrow(reason);
  });
});

describe('a set', () => {
  it('is refused whole for one name and version in two files', () => {
    const set = [
      { file: 'a.yaml', text: textOf() },
      { file: 'b.yaml', text: textOf() },
    ];
    expect(compileGuarantees(set).problems).toMatchObject([
      { code: 'GUARANTEE_DUPLICATE_VERSION', at: { file: 'b.yaml', line: 4, column: 1 } },
    ]);
    expect(compileGuarantees(set).problems?.[0]?.detail).toContain('sample version 1 is in a.yaml already');
  });

  it('is refused whole for a mistake in one file, and comes out in order of name and version', () => {
    const [b2, a, b1] = [textOf({ name: 'b', version: 2 }), textOf({ name: 'a' }), textOf({ name: 'b' })];
    const files = (texts: string[]) => texts.map((text, i) => ({ file: `${i}.yaml`, text }));
    expect(compileGuarantees(files([b2, a, b1])).guarantees?.map((g) => [g.name, g.version])).toEqual([
      ['a', 1],
      ['b', 1],
      ['b', 2],
    ]);
    expect(compileGuarantees(files([b2, a, 'x: 1'])).guarantees).toBeUndefined();
  });

  it('chooses the version by the moment of the opening', () => {
    const dated = (version: number, from: string) =>
      sample({ name: 'b', version, root: from && `effectiveFrom: ${from}` });
    const set = [
      dated(1, ''),
      dated(2, '2026-03-01'),
      dated(3, '2026-06-01T00:00:00Z'),
      sample({ name: 'a', root: 'effectiveFrom: 2027-01-01' }),
    ];
    const at = (text: string) => guaranteeInForce(set, 'b', Date.parse(text))?.version;
    expect(
      [
        '2020-01-01T00:00:00Z',
        '2026-02-28T22:59:59.999Z',
        '2026-02-28T23:00:00Z',
        '2026-05-31T23:59:59.999Z',
        '2026-06-01T00:00:00Z',
      ].map(at),
    ).toEqual([1, 1, 2, 2, 3]);
    expect(guaranteeInForce(set, 'a', Date.parse('2026-01-01T00:00:00Z'))).toBeNull();
  });
});

describe('the JSON Schema', () => {
  const schema = JSON.parse(JSON.stringify(guaranteeJsonSchema)) as object;
  const validate = new Ajv2020({ strict: false }).compile(schema);

  it('accepts what the compiler accepts and refuses a misspelt field', () => {
    for (const { text } of shipped) expect([validate(parse(text)), validate.errors]).toEqual([true, null]);
    expect(validate(parse(shipped[0]!.text.replace('evidence:', 'evidense:')))).toBe(false);
  });

  it('is the one in docs/', () => {
    expect(JSON.parse(readFileSync(new URL('docs/guarantee.schema.json', ROOT), 'utf8'))).toEqual(schema);
  });
});
