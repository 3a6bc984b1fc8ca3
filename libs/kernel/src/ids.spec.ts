import fc from 'fast-check';
import { v5 } from 'uuid';
import { breachIdOf, compensationIdOf, lineIdOf, promiseEventIdOf, promiseIdOf } from './ids.js';

describe('ids', () => {
  it('are name-based UUIDs as the uuid package makes them, whatever the names', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), fc.nat(), (text, n) => {
        const promiseId = promiseIdOf('g', text, '');
        expect(promiseEventIdOf(promiseId, n)).toBe(v5(String(n), promiseId));
        expect(breachIdOf(promiseId)).toBe(v5('breach', promiseId));
        expect(compensationIdOf(promiseId)).toBe(v5('compensation', promiseId));
        expect(lineIdOf(promiseId, text, n)).toBe(v5(JSON.stringify([text, n]), promiseId));
      }),
      { numRuns: 500 },
    );
  });

  it('stay what they are for ever: finance knows payments by them', () => {
    expect(promiseIdOf('order-delivery', 'o-1', '')).toBe(
      v5('["order-delivery","o-1",""]', 'b0b7d8f4-2f5e-5a0c-9d57-6d616b65676f'),
    );
  });
});
