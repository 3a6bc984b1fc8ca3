import fc from 'fast-check';
import { owed } from '#libs/remedy-engine';
import {
  accepted,
  at,
  changes,
  fact,
  guaranteeText,
  run,
  says,
  termsOf,
  tick,
  type Input,
  type Outcome,
} from './testing.spec-kit.js';
import type { Disruption, Fact } from './index.js';

/** Every lever at once: the final verdict and what is owed for it are the same for every order and repetition. */
const plain = termsOf(
  guaranteeText({
    correction: 'P30D',
    keep: `failed: [{ on: parcel.lost }]
  paused: [{ on: parcel.held, until: parcel.released, maxPause: PT3H }]
  rescheduled: [{ on: parcel.re-promised, to: event.data.to, noticeAtLeast: PT10M }]
  revoked: [{ on: scan.voided, of: event.data.scan }]
  owned: [{ on: parcel.handed-over, owner: event.data.team }]`,
    more: `excuses: [{ code: address, on: parcel.exception, budget: PT1H }, { code: force-majeure, disruption: true }]
warn: [{ at: "50%" }, { before: PT20M }]
bands: [PT1H, PT2H]`,
  }),
);
const minutes = (n: number): string => new Date(Date.UTC(2026, 5, 1, 8) + n * 60_000).toISOString();
/** Everything is received at one moment after all of it has happened, so that arrival is free to vary. */
const RECEIVED = minutes(600);
const END: Input = tick('2027-12-01T00:00:00Z');

const TYPES = [
  'parcel.delivered',
  'parcel.withdrawn',
  'parcel.lost',
  'parcel.held',
  'parcel.released',
  'parcel.re-promised',
  'parcel.exception',
  'parcel.handed-over',
  'scan.voided',
] as const;

const factArbitrary = fc.record({
  type: fc.constantFrom(...TYPES),
  minute: fc.integer({ min: -30, max: 500 }),
  of: fc.nat({ max: 9 }),
  revision: fc.constantFrom(0, 0, 0, 1),
});

const disruption = (fromMinute: number, length: number, effect: Disruption['effect']): Disruption => ({
  id: 'D',
  fromMs: at(minutes(fromMinute)),
  untilMs: at(minutes(fromMinute + length)),
  effect,
  scope: { matches: () => true },
  reason: 'strike',
  declaredAtMs: at(RECEIVED),
  withdrawnAtMs: null,
});

const disruptions = fc.option(
  fc
    .tuple(
      fc.integer({ min: -60, max: 300 }),
      fc.integer({ min: 1, max: 200 }),
      fc.constantFrom('excuse' as const, 'pause' as const, 'extend' as const),
    )
    .map(([from, length, effect]) => disruption(from, length, effect)),
  { nil: null },
);

function final({ announcements, state }: Outcome): unknown {
  const { data } = announcements.at(-1) ?? {};
  if (data === undefined) return null;
  const { verdict, completedAt, latenessMs, dueAt, excuse, failedAt, cancelledAt, firstDueAt, owner } = data;
  const guarantee = plain.active[0];
  if (guarantee === undefined) throw new Error('no guarantee');
  const money = (owed as (...args: unknown[]) => unknown)(guarantee, data, { claim: null, returned: {} });
  const isFinal = state?.promises.every((promise) => promise.state === 'final');
  return {
    verdict,
    completedAt,
    latenessMs,
    dueAt,
    excuse,
    failedAt,
    cancelledAt,
    firstDueAt,
    owner,
    isFinal,
    money: amountsIn(money),
  };
}

function amountsIn(value: unknown): number[] {
  const lines = Array.isArray(value) ? value : (value as { lines: unknown[] }).lines;
  return (lines as { amountMinor: number }[]).map(({ amountMinor }) => amountMinor);
}

describe('the whole fold', () => {
  it('gives the same end for every order and repetition of the same facts', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(
        fc.array(factArbitrary, { maxLength: 9 }),
        disruptions,
        fc.array(fc.nat({ max: 1_000_000 }), { minLength: 16, maxLength: 16 }),
        fc.array(fc.nat({ max: 8 }), { maxLength: 5 }),
        (told, declared, dice, again) => {
          const opening = accepted(minutes(0), minutes(120), { id: 'open', received: RECEIVED });
          const facts = told.map(({ type, minute, of, revision }, n) =>
            fact(type, minutes(minute), {
              id: `f${n}`,
              received: RECEIVED,
              revision,
              data: { to: minutes(minute + 200), scan: `f${of}`, team: `T-${of}` },
            }),
          );
          const all: Fact[] = [opening, ...facts];
          const terms = declared === null ? plain : { ...plain, disruptions: [declared] };
          const straight = run(plain, [...all.map(says), changes(terms, RECEIVED), END]);
          const order = [...all, ...again.flatMap((n) => all[n] ?? [])]
            .map((each, n) => ({ each, order: dice[n % dice.length] ?? 0 }))
            .sort((a, b) => a.order - b.order);
          const mixed = run(terms, [
            ...order.flatMap(({ each, order: die }) => (die % 3 === 0 ? [tick(RECEIVED), says(each)] : [says(each)])),
            END,
          ]);
          expect(final(mixed)).toEqual(final(straight));
          holdsAlways(mixed);
          holdsAlways(straight);
          const verdict = straight.announcements.at(-1)?.data.verdict ?? 'none';
          seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
        },
      ),
      { numRuns: 2_000 },
    );
    // The generator reaches every verdict, or this property would say little.
    for (const verdict of ['kept', 'breached', 'excused', 'cancelled'])
      expect(seen.get(verdict) ?? 0).toBeGreaterThan(30);
  });
});

/** Sequences dense, decisions never going back, no warning while it is breached, one breach id. */
function holdsAlways({ announcements }: Outcome): void {
  expect(announcements.map(({ data }) => data.sequence)).toEqual(announcements.map((_, n) => n + 1));
  const decided = announcements.map(({ data }) => data.decidedAt);
  expect(decided).toEqual([...decided].sort());
  let isBreached = false;
  for (const { kind } of announcements) {
    if (kind === 'breached' || kind === 'reinstated') isBreached = true;
    if (kind === 'retracted') isBreached = false;
    expect(isBreached && kind === 'at-risk').toBe(false);
  }
  expect(new Set(announcements.flatMap(({ data }) => data.breachId ?? [])).size).toBeLessThan(2);
}
