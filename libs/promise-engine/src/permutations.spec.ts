import fc from 'fast-check';
import { accepted, fact, guaranteeText, run, says, termsOf, tick, type Input } from './testing.spec-kit.js';
import type { Fact } from './index.js';

const terms = termsOf(guaranteeText({ correction: 'P30D' }));
const minutes = (n: number): string => new Date(Date.UTC(2026, 5, 1, 8) + n * 60_000).toISOString();

const factArbitrary = fc.record({
  type: fc.constantFrom('parcel.delivered', 'parcel.withdrawn'),
  minute: fc.integer({ min: -60, max: 300 }),
});

/** Everything received at one moment after all of it has happened, so that arrival is free to vary. */
const RECEIVED = minutes(400);

/** Written apart from the engine: the rule of promise-semantics.md in six lines. */
function naiveVerdict(facts: readonly Fact[], dueMs: number): string {
  const first = (type: string): number => Math.min(...facts.filter((f) => f.type === type).map((f) => f.occurredAtMs));
  const [kept, cancelled] = [first('parcel.delivered'), first('parcel.withdrawn')];
  if (cancelled <= kept && cancelled <= dueMs) return 'cancelled';
  return kept <= dueMs && kept < cancelled ? 'kept' : 'breached';
}

describe('the final verdict is the same for every order and repetition of the same facts', () => {
  it('and equals a naive oracle', () => {
    fc.assert(
      fc.property(
        fc.array(factArbitrary, { maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        fc.array(fc.nat({ max: 8 }), { maxLength: 5 }),
        (kinds, dice, again) => {
          const opening = accepted(minutes(0), minutes(120), { id: 'open', received: RECEIVED });
          const facts = kinds.map(({ type, minute }, i) =>
            fact(type, minutes(minute), { id: `f${i}`, received: RECEIVED }),
          );
          const all = [opening, ...facts];
          const shuffled = [...all, ...again.flatMap((i) => all[i] ?? [])]
            .map((each) => ({ each, order: dice.next().value as number }))
            .sort((a, b) => a.order - b.order)
            .map(({ each }) => each);
          const end: Input[] = [tick('2027-12-01T00:00:00Z')];
          const inOrder = run(terms, [...all.map(says), ...end]);
          const mixed = run(terms, [
            ...shuffled.flatMap((each, i) => (i % 2 ? [tick(RECEIVED), says(each)] : [says(each)])),
            ...end,
          ]);
          const verdictOf = (outcome: typeof mixed) => {
            const { state, verdict, completedAt, latenessMs, dueAt } = outcome.announcements.at(-1)?.data ?? {};
            return { state, verdict, completedAt, latenessMs, dueAt };
          };
          expect(verdictOf(mixed)).toEqual(verdictOf(inOrder));
          expect(verdictOf(mixed).verdict).toBe(naiveVerdict(all, opening.occurredAtMs + 120 * 60_000));
          const sequences = mixed.announcements.map(({ data }) => data.sequence);
          expect(sequences).toEqual(sequences.map((_, i) => i + 1));
          const decided = mixed.announcements.map(({ data }) => data.decidedAt);
          expect(decided).toEqual([...decided].sort());
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
