import fc from 'fast-check';
import { Telling } from './telling.js';

it('tells as many events of each kind as it must over all causes, none of them early', () => {
  const tells = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.record({ count: fc.nat(400), bytes: fc.nat(2_000) }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), tells, (causes, wanted) => {
      const telling = new Telling(causes, wanted);
      const told: Record<string, number> = {};
      for (let cause = 1; cause <= causes; cause++) {
        for (const { kind } of telling.next()) told[kind] = (told[kind] ?? 0) + 1;
        for (const [kind, { count }] of Object.entries(wanted))
          expect(told[kind] ?? 0).toBe(Math.floor((cause * count) / causes));
      }
    }),
  );
});
