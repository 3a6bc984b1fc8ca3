import type { FactView, PromiseView } from '../index.js';
import { fact, sample } from '../test-terms.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const opening = fact({ promised: 'x', owner: 'desk' });
const promise: PromiseView = { opening, openedAtMs: opening.occurredAtMs, dueAtMs: opening.occurredAtMs + HOUR_MS };
const told = (type: string, data: Record<string, unknown> = {}): FactView => fact(data, { type, id: 'e2' });
const evidence = (text: string) => sample({ evidence: `kept: [{ on: a.done }]\n  ${text}` });

describe('evidence', () => {
  it('is patient by default, but not for ever', () => {
    expect(sample().evidence).toMatchObject({
      failed: [],
      cancelled: [],
      rescheduled: [],
      rescheduledAtMost: null,
      firstLiability: 'nil',
      paused: [],
      revoked: [],
      owned: [],
      learned: [],
      sources: [],
      keptAfter: 'any',
      allowanceMs: 0,
      correctionMs: 7 * DAY_MS,
      completionLimitMs: 365 * DAY_MS,
      unknownAtMostMs: 7 * DAY_MS,
      resumeGraceMs: 60_000,
    });
  });

  it('knows failures, re-promises with notice, and how many of them', () => {
    const { evidence: terms } = evidence(`failed: [{ on: a.lost, when: event.data.sure == true }]
  rescheduled: [{ on: a.moved, to: event.data.to, noticeAtLeast: PT24H }]
  rescheduleAtMost: 2
  firstDeadline: reduced`);
    expect(terms.failed[0]?.when?.evaluate(told('a.lost', { sure: true }), promise)).toBe(true);
    expect(terms.rescheduled).toMatchObject([{ on: 'a.moved', noticeAtLeastMs: DAY_MS }]);
    expect(terms.rescheduled[0]?.to.evaluate(told('a.moved', { to: '2026-01-05T12:00:00Z' }))).toBe(
      Date.UTC(2026, 0, 5, 12),
    );
    expect([terms.rescheduledAtMost, terms.firstLiability]).toEqual([2, 'reduced']);
  });

  it.each([
    ['a.on', [['a.on', null]]],
    [
      '[a.on, a.gone]',
      [
        ['a.on', null],
        ['a.gone', null],
      ],
    ],
    ['{ on: a.on, when: event.data.x == 1 }', [['a.on', 'event.data.x == 1']]],
    [
      '[a.on, { on: a.on, when: event.data.x == 1 }]',
      [
        ['a.on', null],
        ['a.on', 'event.data.x == 1'],
      ],
    ],
  ])('a pause ends by %s', (until, endings) => {
    const { evidence: terms, factTypes } = evidence(`paused: [{ on: a.off, reason: '"customs"', until: ${until} }]`);
    const [pause] = terms.paused;
    expect(pause?.until.map(({ on, when }) => [on, when?.text ?? null])).toEqual(endings);
    expect(pause?.reason?.evaluate(told('a.off'), promise)).toBe('customs');
    expect([pause?.effect, pause?.maxPauseMs]).toEqual(['clock', 90 * DAY_MS]);
    for (const [on] of endings) expect([...factTypes]).toContain(on);
  });

  it('a pause may cost business days, and end by itself', () => {
    const { evidence: terms } = evidence('paused: [{ on: a.off, effect: business-day, maxPause: P14D }]');
    expect(terms.paused).toMatchObject([{ until: [], reason: null, effect: 'business-day', maxPauseMs: 14 * DAY_MS }]);
  });

  it('takes facts back, hands promises over, learns facts, and names its sources', () => {
    const terms = evidence(`revoked: [{ on: a.voided, of: event.data.scan }]
  owned: [{ on: a.given, owner: event.data.to }]
  learned: [{ on: a.seen, facts: { region: event.data.region, late: 'event.time > due' } }]
  sources: [{ source: carrier, by: event.data.owner }, { source: desk }]
  unknownAtMost: P2D
  resumeGrace: PT10M`);
    expect(terms.evidence.revoked[0]?.of.evaluate(told('a.voided', { scan: 's-1' }))).toBe('s-1');
    expect(terms.evidence.owned[0]?.owner.evaluate(told('a.given', { to: 'second line' }))).toBe('second line');
    const [learned] = terms.evidence.learned;
    const seen = fact({ region: 'RS' }, { type: 'a.seen', occurredAtMs: promise.dueAtMs + 1 });
    expect(Object.entries(learned?.facts ?? {}).map(([name, value]) => [name, value.evaluate(seen, promise)])).toEqual([
      ['region', 'RS'],
      ['late', true],
    ]);
    expect(terms.evidence.sources.map(({ source, by }) => [source, by?.evaluate(opening) ?? null])).toEqual([
      ['carrier', 'desk'],
      ['desk', null],
    ]);
    expect([terms.evidence.unknownAtMostMs, terms.evidence.resumeGraceMs]).toEqual([2 * DAY_MS, 600_000]);
  });

  it('lets remedies read what was learned later', () => {
    const learned = evidence('learned: [{ on: a.seen, facts: { region: event.data.region } }]');
    expect(learned.factTypes).toEqual(new Set(['a.opened', 'a.done', 'a.seen']));
    const remedies = `[{ id: x, kind: points, points: 1, when: facts.region == "RS" }]`;
    const body = 'kept: [{ on: a.done }]\n  learned: [{ on: a.seen, facts: { region: event.data.region } }]';
    expect(sample({ evidence: body, remedies }).remedies[0]?.when?.text).toBe('facts.region == "RS"');
  });
});

describe('expressions about a promise', () => {
  const when = (text: string) => evidence(`failed: [{ on: a.lost, when: '${text}' }]`).evidence.failed[0]?.when;

  it.each([
    ['event.data.eta > due', { eta: '2026-01-05T10:00:00.001Z' }, true],
    ['event.data.eta > due', { eta: '2026-01-05T11:00:00+01:00' }, false],
    ['due < event.data.eta', { eta: '2026-01-05T10:00:00.001Z' }, true],
    ['event.data.eta >= due && event.data.eta <= due', { eta: '2026-01-05T10:00:00Z' }, true],
    ['event.data.eta == due', { eta: '2026-01-05T11:00:00+01:00' }, true],
    ['event.time - openedAt == duration("0s")', {}, true],
    ['opening.data.owner == "desk"', {}, true],
    ['opening.data.owner == event.data.owner', { owner: 'desk' }, true],
    ['opening.id == "e1" && event.id == "e2"', {}, true],
  ])('%s', (text, data, expected) => {
    expect(when(text)?.evaluate(told('a.lost', data), promise)).toBe(expected);
  });

  it('say what is wrong with an instant, and that there is no promise yet', () => {
    const late = when('event.data.eta > due');
    expect(() => late?.evaluate(told('a.lost', { eta: 'noon' }), promise)).toThrow(
      'an instant with an offset was expected',
    );
    expect(() => late?.evaluate(told('a.lost', { eta: '2026-01-05T10:00:00Z' }))).toThrow(
      'guarantees/sample.yaml:16:33',
    );
  });

  it('cannot be asked at an opening, where there is none', () => {
    expect(() => sample({ opens: "when: 'event.time < due'" })).toThrow('there is no variable `due` here');
  });
});

describe('excuses, warnings, bands', () => {
  it('compile in the order of the file', () => {
    const terms = sample({
      root: `excuses:
  - { code: wrong-address, on: a.exception, when: event.data.code == "address", budget: PT48H }
  - { code: strike, on: a.exception, names: event.data.disruption }
  - { code: force-majeure, disruption: true }
warn: [{ at: "75%" }, { before: PT1M, tell: recipient }, { on: a.eta, when: event.data.eta > due }]
bands: [PT1H, P1D]
openWithin: P3D`,
    });
    const excuses = terms.excuses.map(({ code, pattern, disruption, names, budgetMs }) => [
      code,
      pattern?.on ?? null,
      disruption,
      names?.text ?? null,
      budgetMs,
    ]);
    expect(excuses).toEqual([
      ['wrong-address', 'a.exception', false, null, 48 * HOUR_MS],
      ['strike', 'a.exception', false, 'event.data.disruption', null],
      ['force-majeure', null, true, null, null],
    ]);
    expect(terms.warnings).toMatchObject([
      { id: '75%', point: { share: 0.75 }, tell: null },
      { id: 'PT1M', point: { beforeMs: 60_000 }, tell: 'recipient' },
      { id: 'a.eta', point: { on: 'a.eta' }, tell: null },
    ]);
    expect([terms.bands, terms.openWithinMs]).toEqual([[HOUR_MS, DAY_MS], 3 * DAY_MS]);
    expect([...terms.factTypes]).toEqual(['a.opened', 'a.done', 'a.exception', 'a.eta']);
    expect(sample({ root: 'bands: { every: PT8H, until: PT25H }' }).bands).toEqual([8, 16, 24].map((h) => h * HOUR_MS));
  });

  it('an opening may say how many pieces there are, and what a reopening does', () => {
    const pieces = sample({
      opens: 'count: event.data.n',
      evidence: 'kept: [{ on: a.done, piece: event.data.parcel }]',
    });
    expect(pieces.opens.pieces?.evaluate(fact({ n: 3 }))).toBe(3);
    expect(pieces.evidence.kept[0]?.piece?.evaluate(told('a.done', { parcel: 'p-1' }))).toBe('p-1');
    expect(() => pieces.opens.pieces?.evaluate(fact({ n: 251 }))).toThrow('a whole number from 0 to 250 was expected');
    const reopened = sample({ opens: 'onReopen: continue\n  debounce: PT2M' }).opens;
    expect([reopened.onReopen, reopened.debounceMs, sample().opens.onReopen]).toEqual(['continue', 120_000, 'each']);
    const own = sample({
      opens: 'customer: \'customer.contract == "C-1" ? event.data.c : null\'',
      root: 'covers: customer.segment == "gold"',
    });
    expect(own.opens.covers?.evaluate(fact({}, { extensions: { customersegment: 'gold' } }))).toBe(true);
  });
});
