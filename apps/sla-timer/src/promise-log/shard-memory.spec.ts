import { newSubject } from '#libs/promise-engine';
import { INITIAL_SHARD_CLOCK } from '#libs/shard-log';
import { ShardMemories, ShardMemory, type Remembered, type ShardPosition } from './shard-memory.js';

const position: ShardPosition = { clock: INITIAL_SHARD_CLOCK, setHash: null, termsVersion: 0, firedBeforeMs: null };
const news = (...entries: readonly (readonly [string, Remembered])[]): ReadonlyMap<string, Remembered> =>
  new Map(entries);
const known = (subject: string, chars: number): NonNullable<Remembered> => ({ state: newSubject(subject), chars });

describe('what a shard remembers', () => {
  it('is what was committed last', () => {
    const memory = new ShardMemory(100);
    const [first, second] = [known('A', 10), known('A', 20)];
    memory.commit(position, news(['A', first]));
    memory.commit(position, news(['A', second]));
    expect(memory.get('A')).toBe(second.state);
    memory.commit(position, news(['A', null]));
    expect([memory.has('A'), memory.get('A')]).toEqual([false, null]);
  });

  it('stays within its room: what was written longest ago goes first', () => {
    const memory = new ShardMemory(100);
    memory.commit(position, news(['A', known('A', 40)], ['B', known('B', 40)]));
    memory.commit(position, news(['A', known('A', 40)])); // written again: B is the oldest now
    memory.commit(position, news(['C', known('C', 40)]));
    expect(['A', 'B', 'C'].map((subject) => memory.has(subject))).toEqual([true, false, true]);
    memory.commit(position, news(['D', known('D', 101)]));
    expect(['A', 'B', 'C', 'D'].map((subject) => memory.has(subject))).toEqual([false, false, false, false]);
    memory.commit(position, news(['E', known('E', 100)]));
    expect(memory.has('E')).toBe(true);
  });

  it('is gone with the claim', () => {
    const memories = new ShardMemories(12);
    memories.of(3).commit(position, news(['A', known('A', 10)]));
    memories.of(4).commit(position, news(['B', known('B', 10)]));
    memories.forget(3);
    expect([memories.of(3).has('A'), memories.of(3).position, memories.of(4).has('B')]).toEqual([false, null, true]);
  });
});
