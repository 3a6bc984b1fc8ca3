import fc from 'fast-check';
import { LETTER_TYPE, partitionOf } from '#libs/contracts';
import type { CopiedRecord, SourceRecord } from './copied-topics.js';
import { Causes } from './causes.js';
import { Letters } from './letters.js';
import { groupsOf, Routes } from './partitions.js';

const record = (key: string | null, partition: number, event: object = {}, offset = 0): SourceRecord => ({
  ...{ partition, offset, timestampMs: 1, headers: {} },
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(JSON.stringify(event)),
});

it('a key stays within the group of partitions that it was in', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.string(), (from, to, key) => {
      const group = groupsOf(from, to).find(({ sources }) => sources.includes(partitionOf(key, from)));
      expect(group?.targets).toContain(partitionOf(key, to));
    }),
    { seed: 20_261_128, numRuns: 500 },
  );
});

it('each partition is in one group', () => {
  const groups = groupsOf(12, 18);
  expect(groups).toHaveLength(6);
  const all = (side: 'sources' | 'targets'): number[] => groups.flatMap((group) => group[side]).sort((a, b) => a - b);
  expect(all('sources')).toEqual(Array.from({ length: 12 }, (_, i) => i));
  expect(all('targets')).toEqual(Array.from({ length: 18 }, (_, i) => i));
});

it('the word about a decided letter goes where the key waits that the letter holds', () => {
  const routes = new Routes(4, 6, new Map([['letter-1', 'c-7']]));
  const word = record(LETTER_TYPE, partitionOf('c-7', 4), { type: LETTER_TYPE, data: { id: 'letter-1' } });
  expect(routes.targetOf(word)).toBe(partitionOf('c-7', 6));
});

it('what stands elsewhere than its key says stays in its group', () => {
  const routes = new Routes(6, 4, new Map());
  const elsewhere = (partitionOf('c-7', 6) + 1) % 6;
  for (const odd of [record(null, 5), record('c-7', elsewhere)])
    expect(groupsOf(6, 4).find(({ sources }) => sources.includes(odd.partition))?.targets).toContain(
      routes.targetOf(odd),
    );
});

describe('events of loyalty', () => {
  const event = {
    id: 'e',
    type: 'makegood.loyalty.score-changed',
    causeposition: 'makegood.signals.v1/12',
    data: { a: 1 },
  };
  const copied = (from: SourceRecord, partition: number): CopiedRecord => ({ ...from, partition, from: [from] });

  it('name the new place of their cause', () => {
    const causes = new Causes();
    causes.expect(record('c-7', 3, event));
    causes.note('makegood.signals.v1', copied(record('c-7', 3, {}, 12), 5), 7);
    causes.note('makegood.signals.v1', copied(record('c-7', 3, {}, 13), 5), 8);
    const moved = causes.moved(copied(record('c-7', 3, event), 5));
    expect(JSON.parse(String(moved.value))).toEqual({ ...event, causeposition: 'makegood.signals.v1/7' });
  });

  it('name none where it was not copied', () => {
    const causes = new Causes();
    causes.expect(record('c-7', 3, event));
    const { causeposition: _gone, ...rest } = event;
    expect(JSON.parse(String(causes.moved(copied(record('c-7', 3, event), 5)).value))).toEqual(rest);
  });
});

it('a letter keeps its name and says where its record stands now', () => {
  const letters = new Letters();
  const letter = {
    ...{ specversion: '1.0', id: 'letter-1', source: 'makegood/loyalty', type: 'makegood.letter.dead', subject: 'c-7' },
    data: { topic: 'makegood.signals.v1', partition: 3, offset: '12', reason: 'SIGNAL_INVALID' },
  };
  letters.hear(record('c-7', 3, letter));
  const copied = (from: SourceRecord): CopiedRecord => ({ ...from, partition: 5, from: [from] });
  expect(letters.has('makegood.signals.v1', { partition: 3, offset: 12 })).toBe(true);
  letters.note('makegood.signals.v1', copied(record('c-7', 3, {}, 12)), 7);
  expect(JSON.parse(String(letters.moved(copied(record('c-7', 3, letter))).value))).toEqual({
    ...letter,
    data: { ...letter.data, partition: 5, offset: '7' },
  });
});
