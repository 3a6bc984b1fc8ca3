import type { ActivatedFile } from '#libs/contracts';
import { compileGuarantees, UNMOVED, type Guarantee, type TermsFile } from '../../index.js';
import { fact, OFFICE_HOURS, textOf } from '../../test-terms.js';

const file = (name: string, text: string): TermsFile => ({ file: `guarantees/${name}.yaml`, text });
const compiled = (...files: TermsFile[]): { guarantees: Guarantee[]; files: ActivatedFile[] } => {
  const set = compileGuarantees(files, { tzVersion: '2026c' });
  if (set.problems) throw new Error(JSON.stringify(set.problems, null, 2));
  return set;
};
const problems = (...files: TermsFile[]) =>
  (compileGuarantees(files).problems ?? []).map(
    ({ code, at, detail, advice }) =>
      `${code} ${at?.file}:${at?.line}:${at?.column} ${detail.split('\n')[0]} → ${advice}`,
  );
const TRANSIT: TermsFile = {
  kind: 'table',
  file: 'tables/transit.csv',
  text: 'from,to,product,time,days\nHGH,PEK,ems,P2D,2\nHGH,*,ems,P4D,4\nHGH,SHA,ems,P1D,1\nHGH,LXA,ems,,9\n',
};
const byTable = textOf({ due: '{ within: \'table("transit", event.data.from, event.data.to, "ems").time\' }' });

describe('a set', () => {
  it('comes back completed, so that it compiles to the same anywhere', () => {
    const first = compiled(file('b', textOf({ due: '{ within: PT8H, calendar: office-hours }' })), OFFICE_HOURS);
    expect(
      first.files.map(({ kind, name, version, file, compiled }) => [kind, name, version, file, typeof compiled]),
    ).toEqual([
      ['calendar', 'office-hours', 0, 'calendars/office-hours.yaml', 'string'],
      ['guarantee', 'sample', 1, 'guarantees/b.yaml', 'undefined'],
      ['zone', 'Europe/Berlin', 0, 'zones/Europe/Berlin', 'string'],
    ]);
    const again = compiled(...first.files);
    expect(again.files).toEqual(first.files);
    expect(again.guarantees.map(({ build, hash }) => [build, hash])).toEqual(
      first.guarantees.map(({ build, hash }) => [build, hash]),
    );
  });

  it('computes from the zones and calendars in it, and never asks the host', () => {
    const text = textOf({ due: '{ by: { endOf: event.data.d } }' }).replace('Europe/Berlin', 'Mars/Base');
    const zone = { name: 'Mars/Base', hash: 'h', tzVersion: 'x', transitions: [[0, 3_600_000 * 5]] };
    const member: TermsFile = { kind: 'zone', file: 'zones/Mars/Base', text: '', compiled: JSON.stringify(zone) };
    const set = compiled(file('a', text), member);
    const due = set.guarantees[0]?.due.compute(fact({ d: '2026-01-05' }), UNMOVED);
    expect(new Date(due!.dueAtMs).toISOString()).toBe('2026-01-05T18:59:59.999Z');
    expect(problems(file('a', text))).toEqual([
      'GUARANTEE_UNKNOWN_ZONE guarantees/a.yaml:8:11 timeZone: there is no time zone `Mars/Base` → Zones are those of the tz database, e.g. Europe/Berlin.',
    ]);
  });

  it('has a build that changes with whatever the guarantee uses, and with nothing else', () => {
    const build = (...files: TermsFile[]) => compiled(...files).guarantees[0]?.build;
    const plain = file('a', textOf());
    const working = file('a', textOf({ due: '{ within: PT8H, calendar: office-hours }' }));
    const longer = { ...OFFICE_HOURS, compiled: OFFICE_HOURS.compiled!.replace('"hash":"', '"hash":"f') };
    expect(build(plain, OFFICE_HOURS)).toBe(build(plain));
    expect(build(working, longer)).not.toBe(build(working, OFFICE_HOURS));
    const table = file('a', byTable);
    const other = { ...TRANSIT, text: TRANSIT.text.replace('P2D', 'P3D') };
    expect(build(table, other)).not.toBe(build(table, TRANSIT));
    expect(build(plain)).not.toBe(compiled(plain).guarantees[0]?.hash);
  });

  it('compiles calendar files, with the holidays that the host or the set knows', () => {
    const calendar: TermsFile = {
      kind: 'calendar',
      file: 'calendars/shop.yaml',
      text: 'apiVersion: makegood/v1\nkind: Calendar\nname: shop\ntimeZone: Europe/Berlin\nweek:\n  mon-fri: [09:00-17:00]\nholidays:\n  icalendar: closed.ics\n',
    };
    const ics: TermsFile = {
      kind: 'holidays',
      file: 'calendars/closed.ics',
      text: 'BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260106\nDTEND;VALUE=DATE:20260107\nEND:VEVENT\nEND:VCALENDAR\n',
    };
    const terms = file('a', textOf({ due: '{ within: PT8H, calendar: shop }' }));
    const set = compiled(terms, calendar, ics);
    const due = (guarantees: Guarantee[]) =>
      new Date(guarantees[0]!.due.compute(fact({}), UNMOVED)!.dueAtMs).toISOString();
    expect(due(set.guarantees)).toBe('2026-01-07T09:00:00.000Z'); // opened Monday 10:00, closed on Tuesday
    expect(set.files.map(({ kind, name }) => [kind, name])).toEqual([
      ['calendar', 'shop'],
      ['guarantee', 'sample'],
      ['holidays', 'calendars/closed.ics'],
      ['zone', 'Europe/Berlin'],
    ]);
    expect(due(compiled(...set.files.filter(({ kind }) => kind !== 'holidays')).guarantees)).toBe(due(set.guarantees));
    const never = { ...calendar, text: calendar.text.replace('mon-fri: [09:00-17:00]', 'mon-fri: []') };
    expect(problems(terms, never, ics)[0]).toContain('calendars/shop.yaml');
    expect(problems(terms, calendar)[0]).toContain('calendars/shop.yaml:8');
  });

  it('is refused whole when one file of any kind is wrong', () => {
    const wrong = { ...TRANSIT, text: 'from,to\nA,B\nA,C\n' };
    expect(problems(file('a', textOf()), wrong)).toEqual([
      'GUARANTEE_TABLE_INVALID tables/transit.csv:3:1 line 3 can never be found: line 2 has the same keys → Take one of the two out: the first one counts.',
    ]);
  });
});

describe('a table', () => {
  const looked = (from: string, to: string) => {
    const [guarantee] = compiled(file('a', byTable), TRANSIT).guarantees;
    return guarantee?.due.compute(fact({ from, to }), UNMOVED);
  };

  it('gives the due of the first row that fits, and names row and hash', () => {
    const day = 86_400_000;
    const opened = fact({}).occurredAtMs;
    expect(looked('HGH', 'PEK')!.dueAtMs - opened).toBe(2 * day);
    expect(looked('HGH', 'CAN')!.dueAtMs - opened).toBe(4 * day);
    expect(looked('HGH', 'SHA')!.dueAtMs - opened).toBe(4 * day); // line 3 stands before line 4
    expect(looked('HGH', 'PEK')!.explain()).toMatch(
      /^2 d from the opening, by tables\/transit\.csv line 2 \([0-9a-f]{12}\) \(guarantees\/a\.yaml v1, line 13\)$/,
    );
  });

  it('promises nothing where there is no row, or nothing in it', () => {
    expect(looked('SZX', 'PEK')).toBeNull();
    const emptyFirst = { ...TRANSIT, text: 'from,to,product,time,days\nHGH,LXA,ems,,9\nHGH,PEK,ems,P2D,2\n' };
    const [guarantee] = compiled(file('a', byTable), emptyFirst).guarantees;
    expect(guarantee?.due.compute(fact({ from: 'HGH', to: 'LXA' }), UNMOVED)).toBeNull();
  });

  it('may give facts and numbers', () => {
    const text = textOf({ opens: `facts: { days: 'table("transit", event.data.from, event.data.to, "ems").days' }` });
    const [guarantee] = compiled(file('a', text), TRANSIT).guarantees;
    expect(guarantee?.opens.facts['days']?.evaluate(fact({ from: 'HGH', to: 'PEK' }))).toBe(2);
    expect(() => guarantee?.opens.facts['days']?.evaluate(fact({ from: 'X', to: 'Y' }))).toThrow(
      'table transit has no row for it',
    );
  });

  it.each([
    ['Transit.csv', 'a,b\n1,2\n', '1:1 a table cannot be called `Transit`'],
    ['transit.csv', 'a\n1\n', '1:1 the header has 1 columns of different names, 2 to 20 are needed'],
    ['transit.csv', 'a,a\n1,2\n', '1:1 the header has 2 columns of different names'],
    ['transit.csv', 'a,b\n1\n', '2:1 the file is no valid CSV'],
    ['transit.csv', '', '1:1 the header has 0 columns'],
  ])('%s with %j is refused: %s', (name, text, message) => {
    expect(problems({ kind: 'table', file: `tables/${name}`, text })[0]).toContain(`tables/${name}:${message}`);
  });

  it.each([
    ['table("transt", event.data.a)', 'there is no table `transt` → Did you mean `transit`? Known: transit.'],
    [
      'table(event.data.a, event.data.b)',
      'a table is named by a literal → Write its name in double quotes, e.g. table("transit", event.data.from).',
    ],
    [
      'table("transit", 1, 2, 3, 4, 5)',
      'table `transit` has the columns from, to, product, time, days: at most 4 can be looked up by → Leave the last column for the answer.',
    ],
  ])('%s is refused: %s', (expression, message) => {
    const [problem] = problems(file('a', textOf({ due: `{ within: '${expression}' }` })), TRANSIT);
    expect(problem).toContain(`GUARANTEE_UNKNOWN_TABLE guarantees/a.yaml:13:`);
    expect(problem).toContain(message);
  });
});

describe('extends', () => {
  const base = file('base', textOf({ name: 'base', opens: 'customer: event.data.c\n  facts: { a: event.data.a }' }));
  const child = (more: string, name = 'gold', version = 1): TermsFile =>
    file(name, `apiVersion: makegood/v1\nkind: Guarantee\nname: ${name}\nversion: ${version}\n${more}\n`);
  const named = (set: { guarantees: Guarantee[] }, name: string) => set.guarantees.find((each) => each.name === name)!;

  it('takes over what the child does not say; mappings are merged, lists and due replaced', () => {
    const gold = child(
      'extends: base\ncovers: event.data.plan == "gold"\nopens: { facts: { b: event.data.b } }\ndue: { within: PT1M }\nevidence: { allowance: PT1H }',
    );
    const set = compiled(base, gold);
    const terms = named(set, 'gold');
    expect([terms.title, terms.opens.on, Object.keys(terms.opens.facts)]).toEqual(['A sample', 'a.opened', ['b', 'a']]);
    expect(terms.evidence).toMatchObject({ allowanceMs: 3_600_000, kept: [{ on: 'a.done' }] });
    expect(terms.due.compute(fact({}), UNMOVED)?.explain()).toBe(
      '1 min from the opening (guarantees/gold.yaml v1, line 8)',
    );
    expect(terms.opens.customer?.place).toEqual({ file: 'guarantees/base.yaml', line: 12, column: 13 });
    expect(named(set, 'base').opens.facts).not.toHaveProperty('b');
  });

  it('says of an inherited due where it stands', () => {
    const terms = named(compiled(base, child('extends: base')), 'gold');
    expect(terms.due.compute(fact({}), UNMOVED)?.explain()).toBe(
      '3 min from the opening (guarantees/base.yaml v1, line 14)',
    );
  });

  it('takes precedence over those that it extends', () => {
    const platinum = child('extends: gold@1', 'platinum');
    const set = compiled(base, child('extends: base@1'), platinum, file('other', textOf({ name: 'other' })));
    expect(set.guarantees.map(({ name, family }) => [name, family])).toEqual([
      ['base', { name: 'base', choose: 'first', rank: 0 }],
      ['gold', { name: 'base', choose: 'first', rank: -1 }],
      ['other', { name: 'other', choose: 'all', rank: 0 }],
      ['platinum', { name: 'base', choose: 'first', rank: -2 }],
    ]);
    const own = compiled(file('x', textOf({ root: 'family: { name: queues, choose: all, rank: 3 }' })));
    expect(own.guarantees[0]?.family).toEqual({ name: 'queues', choose: 'all', rank: 3 });
  });

  it('is compiled anew when one that it extends changes', () => {
    const other = { ...base, text: base.text.replace('PT3M', 'PT4M') };
    const build = (parent: TermsFile) => named(compiled(parent, child('extends: base')), 'gold').build;
    expect(build(other)).not.toBe(build(base));
  });

  it('means the highest version where none is named', () => {
    const second = {
      file: 'guarantees/base2.yaml',
      text: base.text.replace('version: 1', 'version: 2').replace('PT3M', 'PT5M'),
    };
    const set = compiled(base, second, child('extends: base'), child('extends: base@1', 'silver'));
    const dueMs = (name: string) => named(set, name).due.compute(fact({}), UNMOVED)!.dueAtMs - fact({}).occurredAtMs;
    expect([dueMs('gold'), dueMs('silver')]).toEqual([300_000, 180_000]);
  });

  it('refuses circles, parents that are not there, and tells a parent’s mistake once', () => {
    expect(problems(child('extends: b', 'a'), child('extends: a', 'b'))).toEqual([
      'GUARANTEE_CYCLIC_EXTENDS guarantees/a.yaml:5:10 extends goes round in a circle: a@1 → b@1 → a@1 → Let one of them stand on its own.',
      'GUARANTEE_CYCLIC_EXTENDS guarantees/b.yaml:5:10 extends goes round in a circle: b@1 → a@1 → b@1 → Let one of them stand on its own.',
    ]);
    expect(problems(base, child('extends: bse'))).toEqual([
      'GUARANTEE_UNKNOWN_PARENT guarantees/gold.yaml:5:10 extends: there is no guarantee `bse` in the set → Did you mean `base`? Known: base.',
    ]);
    const spoilt = { ...base, text: base.text.replace('PT3M', 'P3M') };
    expect(problems(spoilt, child('extends: base'), child('extends: base', 'silver'))).toEqual([
      'GUARANTEE_BAD_DURATION guarantees/base.yaml:14:16 within: `P3M` is no duration → Years and months have no fixed length: write days, e.g. P365D or P30D.',
    ]);
    expect(problems(base, child('extends: base\nopens: { facts: { b: evnt.data.b } }'))).toEqual([
      'GUARANTEE_EXPRESSION_UNKNOWN_NAME guarantees/gold.yaml:6:22 b: there is no variable `evnt` here → Did you mean `event`? Known: event, subject, customer.',
    ]);
  });
});
