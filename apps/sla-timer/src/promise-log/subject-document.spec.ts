import fc from 'fast-check';
import type { Fact, PromiseRecord, SubjectState } from '#libs/promise-engine';
import { decodeSubject, encodeSubject } from './subject-document.js';

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

it('what is written is read again, whole', () => {
  fc.assert(
    fc.property(subject, (state) => {
      const doc = encodeSubject(state);
      expect(doc).not.toContain('\n');
      expect(decodeSubject({ subject: 'S', doc })).toEqual(JSON.parse(JSON.stringify(state)));
    }),
    { numRuns: 500 },
  );
});

it('a form of another version is refused, not misread', () => {
  expect(() => decodeSubject({ subject: 'S', doc: '[2,[],[],null,null]' })).toThrow('unknown form 2');
});
