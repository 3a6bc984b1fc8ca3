import { Verdicts } from './verdicts.js';

describe('what is waited for', () => {
  it('is told once, by how long it took, and a repetition of it is nothing', () => {
    const verdicts = new Verdicts();
    verdicts.facts.set('A', 1_000);
    verdicts.breaches.set('A', 500);
    for (const kind of ['breached', 'breached', 'completed-late', 'finalized']) verdicts.seen(kind, 'A', 1_040);
    expect(verdicts.take()).toEqual({ factMs: [40], breachMs: [540] });
    expect(verdicts.take()).toEqual({ factMs: [], breachMs: [] });
    expect([verdicts.facts.size, verdicts.breaches.size]).toEqual([0, 0]);
  });

  it('stays waited for while only others are told of', () => {
    const verdicts = new Verdicts();
    verdicts.facts.set('A', 1_000);
    verdicts.seen('completed-late', 'B', 1_040);
    verdicts.seen('breached', 'A', 1_040);
    expect(verdicts.facts.size).toBe(1);
    expect(verdicts.take().factMs).toEqual([]);
  });
});
