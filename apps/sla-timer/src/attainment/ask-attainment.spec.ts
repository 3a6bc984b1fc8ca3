import fc from 'fast-check';
import { joinGroups, type Group, type Part } from './ask-attainment.js';

const part = (key: string, latenesses: number[]): Group<Part> => ({
  key: [key],
  ...{ promises: latenesses.length + 1, kept: 1, breached: latenesses.length },
  ...{ excused: 0, cancelled: 0, unknown: 0, open: 0 },
  latenesses: latenesses.length === 0 ? null : [...latenesses].sort((a, b) => a - b),
});

it('counts of several databases are those of one that has all rows', () => {
  const latenesses = fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 30 });
  fc.assert(
    fc.property(fc.array(latenesses, { minLength: 1, maxLength: 5 }), (databases) => {
      const [joined] = joinGroups(databases.map((each) => part('a', each)));
      const all = databases.flat().sort((a, b) => a - b);
      // percentile_disc by its definition: the first value that no less than this share of all do not exceed.
      const disc = (share: number): number | null =>
        all.find((value) => all.filter((other) => other <= value).length >= share * all.length) ?? null;
      expect(joined).toMatchObject({ breached: all.length, kept: databases.length });
      expect([joined?.latenessP50Ms, joined?.latenessP90Ms]).toEqual([disc(0.5), disc(0.9)]);
    }),
  );
});

it('groups come by bytes, as the statement orders them', () => {
  const keys = joinGroups(['b', 'ä', 'a', 'B', 'b'].map((key) => part(key, []))).map(({ key }) => key[0]);
  expect(keys).toEqual(['B', 'a', 'b', 'ä']);
});
