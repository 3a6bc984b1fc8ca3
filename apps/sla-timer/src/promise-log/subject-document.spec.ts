import fc from 'fast-check';
import type { Fact, PromiseRecord, SubjectState } from '#libs/promise-engine';
import { DocumentWords, type Word } from './document-words.js';
import { decodeSubject, encodeSubject, UnknownWord, type SubjectRow, type Writing } from './subject-document.js';

const decode = (row: SubjectRow, words = new DocumentWords()): SubjectState => decodeSubject(row, words);

const ms = fc.integer({ min: 0, max: 4_000_000_000_000 });
const text = fc.string({ maxLength: 20 });
const nullable = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(some, { nil: null });

const fact: fc.Arbitrary<Fact> = fc
  .record({
    id: text,
    source: text,
    type: text,
    claimedAtMs: ms,
    receivedAtMs: ms,
    revision: fc.nat({ max: 3 }),
    data: fc.dictionary(text, fc.jsonValue(), { noNullPrototype: true }) as fc.Arbitrary<Fact['data']>,
    extensions: fc.option(fc.dictionary(text, text, { noNullPrototype: true }), { nil: undefined }),
  })
  .map(({ extensions, ...rest }) => {
    const occurredAtMs = Math.min(rest.claimedAtMs, rest.receivedAtMs);
    return { ...rest, subject: 'S', occurredAtMs, ...(extensions === undefined ? {} : { extensions }) };
  });

const promise: fc.Arbitrary<PromiseRecord> = fc.record({
  promiseId: fc.uuid(),
  guarantee: text,
  version: fc.nat(),
  build: text,
  cycle: text,
  customer: text,
  owner: nullable(text),
  openedBy: fc.tuple(text, text),
  learnedAtMs: ms,
  state: fc.constantFrom('open' as const, 'breached' as const, 'final' as const),
  verdict: fc.constantFrom('kept' as const, 'breached' as const, null),
  openedAtMs: ms,
  dueAtMs: ms,
  completedAtMs: nullable(ms),
  decidedAtMs: ms,
  sequence: fc.nat(),
  speaks: fc.boolean(),
  everBreached: fc.boolean(),
  warned: fc.array(text, { maxLength: 2 }),
  repromises: fc.nat({ max: 3 }),
  band: fc.nat({ max: 3 }),
  windowEndMs: nullable(ms),
  firedThroughMs: fc.integer({ min: -1, max: 4_000_000_000_000 }),
  wakeAtMs: nullable(ms),
  timeline: fc.array(fc.tuple(fc.nat(), fc.constant('opened' as const), ms), { maxLength: 2 }),
});

const subject: fc.Arbitrary<SubjectState> = fc
  .record({
    facts: fc.array(fact, { maxLength: 4 }),
    promises: fc.array(promise, { maxLength: 2 }),
    notCoveredUntilMs: nullable(ms),
    wakeAtMs: nullable(ms),
    letters: fc.option(fc.array(fc.record({ id: text, openedAtMs: nullable(ms), closedAtMs: nullable(ms) })), {
      nil: undefined,
    }),
    first: fc.boolean(),
  })
  .map(({ letters, first, ...rest }) => {
    const [opener] = rest.facts;
    // Mostly the opening is among the facts.
    const promises =
      first && opener
        ? rest.promises.map((each) => ({ ...each, openedBy: [opener.source, opener.id] as const }))
        : rest.promises;
    return { subject: 'S', ...rest, promises, ...(letters === undefined ? {} : { letters }) };
  });

it('what is written is read again, whole: spelled out, and by words', () => {
  const words = new DocumentWords(1);
  const writing: Writing = { words, used: new Set<Word>() };
  let [plain, worded] = [0, 0];
  fc.assert(
    fc.property(subject, (state) => {
      const said = JSON.parse(JSON.stringify(state)) as SubjectState;
      encodeSubject(state, writing); // makes the words
      for (const by of [null, writing]) {
        const doc = encodeSubject(state, by);
        for (const { id, text } of writing.used) words.learn(id, text);
        expect(doc).not.toContain('\n');
        expect(decode({ subject: 'S', doc }, words)).toEqual(said);
        if (by === null) plain += doc.length;
        else worded += doc.length;
      }
    }),
    { numRuns: 500 },
  );
  expect(worded).toBeLessThan(plain);
});

it('members keep their order and their nesting; lists are values', () => {
  const words = new DocumentWords(1);
  const writing: Writing = { words, used: new Set<Word>() };
  const data = { b: { c: {}, d: [{ e: 1 }], '1': null }, a: 'x', 'a.b': { '"': 0 } };
  const fact = { id: 'e', source: 's', type: 't', subject: 'S', occurredAtMs: 1, claimedAtMs: 1, receivedAtMs: 1 };
  const state = {
    subject: 'S',
    facts: [{ ...fact, revision: 0, data }],
    promises: [],
    notCoveredUntilMs: 5,
    wakeAtMs: 5,
  };
  encodeSubject(state, writing);
  const doc = encodeSubject(state, writing);
  const [word] = writing.used;
  expect(doc).toBe(`[2,1,[["${word!.id}","e",0,0,[null,[{"e":1}],"x",0]]],[],4,5]`);
  expect(() => decode({ subject: 'S', doc }, words)).toThrow(UnknownWord);
  words.learn(word!.id, word!.text);
  expect(JSON.stringify(decode({ subject: 'S', doc }, words).facts[0]!.data)).toBe(JSON.stringify(data));
});

it('a word is made for what comes again, and never for what cannot be given back', () => {
  const words = new DocumentWords(3);
  const times = (n: number, data: object): (Word | null)[] =>
    Array.from({ length: n }, () => words.forFact('s', 't', data, []));
  expect(times(4, { a: 1 }).map((word) => word !== null)).toEqual([false, false, false, true]);
  expect(times(1, { a: {} })).toEqual([null]); // another form
  expect(times(9, JSON.parse('{"__proto__": 1}') as object).every((word) => word === null)).toBe(true);
  expect(times(9, [1, 2]).every((word) => word === null)).toBe(true);
  expect(times(9, {}).every((word) => word === null)).toBe(true);
  expect(words.forPin('g', 1, 'b')?.text).toBe('["g",1,"b"]');
  for (let n = 0; n < 2_000; n++) for (let seen = 0; seen < 3; seen++) words.forFact('s', 't', { [`m${n}`]: 1 }, []);
  expect(words.forFact('s', 't', { m5: 1 }, [])).not.toBeNull();
  expect(words.forFact('s', 't', { m1999: 1 }, [])).toBeNull(); // there are bounds
});

it('says nothing twice of a promise that is merely open', () => {
  const opened = {
    ...{ id: 'e1', source: 'post', type: 'item.accepted', subject: 'S', occurredAtMs: 1_000, claimedAtMs: 1_000 },
    ...{ receivedAtMs: 1_250, revision: 0, data: { to: 'CN' } },
  };
  const open: PromiseRecord = {
    ...{ promiseId: 'p', guarantee: 'g', version: 1, build: 'b', cycle: '', customer: 'C', owner: null },
    ...{
      openedBy: ['post', 'e1'],
      learnedAtMs: 1_250,
      state: 'open',
      verdict: null,
      openedAtMs: 1_000,
      dueAtMs: 9_000,
    },
    ...{ completedAtMs: null, decidedAtMs: 1_250, sequence: 0, speaks: false, everBreached: false, warned: [] },
    ...{ repromises: 0, band: 0, windowEndMs: null, firedThroughMs: -1, wakeAtMs: 9_000, timeline: [] },
  };
  const state = { subject: 'S', facts: [opened], promises: [open], notCoveredUntilMs: null, wakeAtMs: 9_000 };
  expect(encodeSubject(state, null)).toBe(
    '[2,1000,[[["post","item.accepted"],"e1",0,250,{"to":"CN"}]],[["p",["g",1,"b"],"C",null,0,250,"open",null,0,8000,250,0]],0]',
  );
});

it('reads what was written in the first form', () => {
  const doc =
    '[1,[["e1","post","item.accepted",1000,1250,{"to":"CN"}],["e2","post","item.delivered",9500,9600,{},1]],' +
    '[["p","g",1,"b","","C","office",0,1250,"breached","breached",1000,9000,null,9001,3,1,1,["half"],1,2,99000,9001,10000,' +
    '[[1,"opened",1250],[2,"overdue",9001]]]],null,10000,[{"id":"l","openedAtMs":5,"closedAtMs":null}]]';
  const state = decode({ subject: 'S', doc });
  expect(state).toEqual({
    subject: 'S',
    facts: [
      {
        ...{ id: 'e1', source: 'post', type: 'item.accepted', subject: 'S', occurredAtMs: 1_000, claimedAtMs: 1_000 },
        ...{ receivedAtMs: 1_250, revision: 0, data: { to: 'CN' } },
      },
      {
        ...{ id: 'e2', source: 'post', type: 'item.delivered', subject: 'S', occurredAtMs: 9_500, claimedAtMs: 9_500 },
        ...{ receivedAtMs: 9_600, revision: 1, data: {} },
      },
    ],
    promises: [
      {
        ...{ promiseId: 'p', guarantee: 'g', version: 1, build: 'b', cycle: '', customer: 'C', owner: 'office' },
        ...{ openedBy: ['post', 'e1'], learnedAtMs: 1_250, state: 'breached', verdict: 'breached', openedAtMs: 1_000 },
        ...{ dueAtMs: 9_000, completedAtMs: null, decidedAtMs: 9_001, sequence: 3, speaks: true, everBreached: true },
        ...{ warned: ['half'], repromises: 1, band: 2, windowEndMs: 99_000, firedThroughMs: 9_001, wakeAtMs: 10_000 },
        timeline: [
          [1, 'opened', 1_250],
          [2, 'overdue', 9_001],
        ],
      },
    ],
    ...{ notCoveredUntilMs: null, wakeAtMs: 10_000, letters: [{ id: 'l', openedAtMs: 5, closedAtMs: null }] },
  });
  expect(decode({ subject: 'S', doc: encodeSubject(state, null) })).toEqual(state);
});

it('a form of another version is refused, not misread', () => {
  expect(() => decode({ subject: 'S', doc: '[3,0,[],[],null]' })).toThrow('unknown form 3');
});
