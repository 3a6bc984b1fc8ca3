import { isBroken } from '../pipeline/workload.js';
import { ALLOWANCE_MS, dueAfterMsOf, eventOfFact, SoakLoad, STEADY_AFTER_MS, type SoakFact } from './load.js';

const PER_SECOND = 400;
const UNTIL_MS = STEADY_AFTER_MS + 60_000;

function inSteps(stepMs: number): SoakFact[] {
  const load = new SoakLoad(PER_SECOND);
  const facts: SoakFact[] = [];
  for (let elapsedMs = 0; elapsedMs <= UNTIL_MS; elapsedMs += stepMs) facts.push(...load.until(elapsedMs));
  return facts;
}

describe('a load that never changes', () => {
  const facts = inSteps(10);
  const openedAtMs = new Map(facts.flatMap(({ kind, i, atMs }) => (kind === 'opened' ? [[i, atMs] as const] : [])));

  it('tells each fact once, in whatever steps it is asked', () => {
    const names = (all: readonly SoakFact[]) => all.map(({ kind, i }) => `${kind} ${i}`).sort();
    expect(new Set(names(facts)).size).toBe(facts.length);
    expect(names(inSteps(250))).toEqual(names(facts));
  });

  it('keeps nine in ten before they are due, and delivers the tenth after its breach', () => {
    for (const { kind, i, atMs } of facts.filter((fact) => fact.kind !== 'opened')) {
      const afterMs = atMs - (openedAtMs.get(i) as number);
      expect(kind).toBe(isBroken(i) ? 'late' : 'kept');
      if (kind === 'kept') expect(afterMs).toBeLessThan(dueAfterMsOf(i));
      else expect(afterMs).toBeGreaterThan(dueAfterMsOf(i) + ALLOWANCE_MS);
    }
  });

  it('has as many facts a second as it was asked for once it is steady, and no more open than before', () => {
    const steady = facts.filter(({ atMs }) => atMs > STEADY_AFTER_MS);
    expect(steady.length / 60).toBeGreaterThan(PER_SECOND * 0.98);
    expect(steady.length / 60).toBeLessThan(PER_SECOND * 1.02);
    const openAt = (atMs: number): number =>
      facts.reduce((open, fact) => (fact.atMs > atMs ? open : open + (fact.kind === 'opened' ? 1 : -1)), 0);
    expect(openAt(UNTIL_MS) / openAt(STEADY_AFTER_MS)).toBeCloseTo(1, 1);
  });

  it('writes events of the bench guarantee, promised for when they are due', () => {
    const { i, atMs } = facts[0] as SoakFact;
    const event = eventOfFact({ kind: 'opened', i, atMs }, 1_000_000);
    expect(event.type).toBe('bench.item.accepted');
    expect(Date.parse(String(event.data['promisedAt']))).toBe(1_000_000 + Math.floor(atMs) + dueAfterMsOf(i));
  });
});
