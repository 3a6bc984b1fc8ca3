import fc from 'fast-check';
import { CONTROL_TYPES, copiedAtOf, partitionOf, SOURCES, TICK_TYPE, type CloudEvent } from '#libs/contracts';
import { advanceShardClock, INITIAL_SHARD_CLOCK, type ShardClock } from '#libs/shard-log';
import type { CopiedRecord, SourceRecord } from './copied-topics.js';
import { EventsMerge } from './merge-events.js';
import { mergeRecords } from './merge-records.js';
import { groupsOf, Routes } from './partitions.js';

const SEED = 20_261_128;
const SUBJECTS = Array.from({ length: 40 }, (_, i) => `subject-${i}`);

/** What happens to all partitions or one, in the order in which it is written. */
type Step =
  | { readonly kind: 'fact'; readonly subject: string }
  | { readonly kind: 'tick'; readonly afterMs: number; readonly jitterMs: readonly number[]; readonly silent: boolean }
  | { readonly kind: 'command'; readonly lacking: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('fact' as const), subject: fc.constantFrom(...SUBJECTS) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('tick' as const),
      // Around the gap that holds time, and around the end of holding it.
      afterMs: fc.constantFrom(250, 250, 251, 29_999, 30_000, 30_001, 31_000, 59_900, 60_000),
      jitterMs: fc.array(fc.nat(4), { minLength: 12, maxLength: 12 }),
      silent: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('command' as const), lacking: fc.integer({ min: -20, max: 11 }) }),
  },
);

/** The log of `shards` partitions that these steps write. */
function logOf(steps: readonly Step[], shards: number): SourceRecord[][] {
  const log: SourceRecord[][] = Array.from({ length: shards }, () => []);
  let atMs = 1_000_000;
  const append = (partition: number, key: string, event: object, timestampMs: number): void => {
    const at = log[partition] as SourceRecord[];
    const value = Buffer.from(JSON.stringify({ source: SOURCES.intake, ...event }));
    at.push({ partition, offset: at.length, timestampMs, key: Buffer.from(key), value, headers: {} });
  };
  steps.forEach((one, n) => {
    if (one.kind === 'fact')
      append(partitionOf(one.subject, shards), one.subject, { id: `${n}`, type: 'fact', data: {} }, atMs + 1);
    else if (one.kind === 'command') {
      atMs += 5; // a send of its own: later than what was sent before, in every partition
      for (let p = 0; p < shards; p++) {
        const event = { id: `${n}`, type: CONTROL_TYPES.disruptionDeclared, data: {} };
        if (p !== one.lacking) append(p, 'command', event, atMs);
      }
    } else {
      atMs += one.afterMs;
      const data = { everyMs: 250, silent: one.silent ? [{ source: 'urn:s' }] : [] };
      for (let p = 0; p < shards; p++)
        append(p, 'tick', { id: `${n}`, type: TICK_TYPE, data }, atMs + (one.jitterMs[p] as number));
    }
  });
  return log;
}

async function copied(log: readonly SourceRecord[][], to: number): Promise<CopiedRecord[][]> {
  const copy: CopiedRecord[][] = Array.from({ length: to }, () => []);
  for (const group of groupsOf(log.length, to)) {
    const routes = new Routes(log.length, to, new Map());
    const rules = new EventsMerge(
      group,
      log.length,
      (record) => routes.targetOf(record),
      async (partition, record) => {
        (copy[partition] as CopiedRecord[]).push({ partition, ...record });
      },
    );
    const sources = group.sources.map((partition) => {
      let next = 0;
      return { partition, next: async () => log[partition]?.[next++] ?? null };
    });
    await mergeRecords(sources, rules);
    await rules.finish();
  }
  return copy;
}

/** What a subject hears, with the shard time at which it does: as sla-timer reads a partition. */
function heardBy(subject: string, records: readonly Pick<SourceRecord, 'timestampMs' | 'value' | 'headers' | 'key'>[]) {
  const heard: string[] = [];
  let clock: ShardClock = INITIAL_SHARD_CLOCK;
  let named = '[]';
  for (const { timestampMs, value, headers, key } of records) {
    const event = JSON.parse(String(value)) as CloudEvent;
    const at = copiedAtOf(headers);
    const timeMs = (): number => at?.timesMs?.[partitionOf(subject, at.timesMs.length)] ?? clock.shardTimeMs;
    const beforeMs = clock.lastTickMs;
    if (event.type === TICK_TYPE) {
      if (at)
        clock = { shardTimeMs: at.shardTimeMs as number, lastTickMs: timestampMs, heldUntilMs: at.heldUntilMs ?? null };
      else clock = advanceShardClock(clock, { atMs: timestampMs, everyMs: 250 });
      const silent = JSON.stringify(event.data['silent']);
      const own = (times?: readonly number[]): number | undefined => times?.[partitionOf(subject, times.length)];
      const fromMs = own(at?.silentFromMs) ?? (beforeMs ?? timestampMs - 1) + 1;
      if (silent !== named)
        heard.push(`silent ${silent} at ${timeMs()}, ${fromMs} to ${own(at?.ticksMs) ?? timestampMs}`);
      named = silent;
    } else if (event.type !== 'fact') heard.push(`command ${event.id} at ${timeMs()}`);
    else if (String(key) === subject) heard.push(`fact ${event.id} at ${clock.shardTimeMs}`);
  }
  return { heard, clock };
}

const NUMBERS = [
  [4, 6],
  [4, 8],
  [6, 4],
  [3, 5],
  [12, 1],
] as const;

it.each(NUMBERS)('from %i to %i shards: a subject hears the same, at the same shard time', async (from, to) => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 120 }), async (steps) => {
    const whole = steps.map((one) => (one.kind === 'command' && from !== 4 ? { ...one, lacking: -1 } : one));
    const log = logOf(whole, from);
    const copy = await copied(log, to);
    for (const subject of SUBJECTS) {
      const before = heardBy(subject, log[partitionOf(subject, from)] as SourceRecord[]);
      const after = heardBy(subject, copy[partitionOf(subject, to)] as CopiedRecord[]);
      // A command that one partition lacks is heard there all the same.
      const lacking = new Set(
        whole.flatMap((one, n) =>
          one.kind === 'command' && one.lacking >= 0 && one.lacking < from ? [`command ${n} `] : [],
        ),
      );
      const isWhole = (line: string): boolean => ![...lacking].some((one) => line.startsWith(one));
      expect(after.heard.filter(isWhole)).toEqual(before.heard.filter(isWhole));
      expect(after.clock.shardTimeMs).toBeGreaterThanOrEqual(before.clock.shardTimeMs);
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: 60 });
});

/** Of the ticks between two facts of a subject, how much later than the second fact's own shard time the latest is, at most. */
function runsAheadMs(subject: string, records: readonly CopiedRecord[]): number {
  let [nowMs, latestMs, aheadMs] = [0, 0, 0];
  for (const { headers, key } of records) {
    const at = copiedAtOf(headers);
    if (at) [nowMs, latestMs] = [at.shardTimeMs as number, Math.max(latestMs, at.shardTimeMs as number)];
    if (String(key) !== subject) continue;
    aheadMs = Math.max(aheadMs, latestMs - nowMs);
    latestMs = nowMs;
  }
  return aheadMs;
}

it.each(NUMBERS)('from %i to %i shards: no deadline fires before a fact that was heard before it', async (from, to) => {
  const plain = fc
    .array(step, { minLength: 1, maxLength: 120 })
    .map((steps) =>
      steps.flatMap((one): Step[] =>
        one.kind === 'command' ? [] : [one.kind === 'tick' ? { ...one, silent: false } : one],
      ),
    );
  const property = fc.asyncProperty(plain, async (steps) => {
    const copy = await copied(logOf(steps, from), to);
    for (const subject of SUBJECTS)
      expect(runsAheadMs(subject, copy[partitionOf(subject, to)] as CopiedRecord[])).toBe(0);
  });
  await fc.assert(property, { seed: SEED, numRuns: 40 });
});

it('twice from one log is the same, and each new partition has a tick', async () => {
  const steps: Step[] = [
    { kind: 'tick', afterMs: 250, jitterMs: Array.from({ length: 12 }, (_, i) => i % 3), silent: false },
    { kind: 'fact', subject: 'subject-1' },
  ];
  const log = logOf(steps, 4);
  const copy = await copied(log, 6);
  expect(await copied(log, 6)).toEqual(copy);
  for (const partition of copy) expect(partition.length).toBeGreaterThan(0);
});
