import { formatInstant } from '#libs/kernel';
import type { Random } from '../seeded/random.js';
import { HOUR_MS, MINUTE_MS, START_MS } from './terms.js';
import type { Told } from './workload.js';

/** Everything that is told about one subject. */
export interface Story {
  readonly subject: string;
  readonly told: readonly Told[];
}

const REGIONS = ['north', 'south', null] as const;

/** Drops under the guarantee that holds back: some by themselves, some due together in one region, of which most are missed. */
export function waves(random: Random): Story[] {
  const stories: Story[] = [];
  const add = (dueMs: number, region: string | null): void =>
    void stories.push({ subject: `drop-${stories.length}`, told: drop(random, dueMs, region) });
  const aMoment = (): number => START_MS + random.int(60, 40 * 60) * MINUTE_MS;
  for (let n = random.int(0, 4); n > 0; n--) add(aMoment(), random.pick(REGIONS));
  for (let n = random.int(1, 2); n > 0; n--) {
    const [dueMs, region] = [aMoment(), random.pick(REGIONS)];
    for (let i = random.int(2, 9); i > 0; i--) add(dueMs + random.int(0, 2) * MINUTE_MS, region);
  }
  return stories;
}

function drop(random: Random, dueMs: number, region: string | null): Told[] {
  const openMs = dueMs - random.int(15, 55) * MINUTE_MS;
  const fee = { amountMinor: random.pick([random.int(100, 1_500), random.int(1_900, 2_700)]), currency: 'EUR' };
  const named = region === null ? {} : { region };
  const data = { customer: `C-${random.int(1, 12)}`, fee, promisedAt: formatInstant(dueMs), ...named };
  const told: Told[] = [{ type: 'drop.accepted', occurredMs: openMs, receivedMs: openMs, data }];
  const made = (occurredMs: number, receivedMs: number): void =>
    void told.push({ type: 'drop.made', occurredMs, receivedMs });
  const end = random.pick(['in-time', 'late', 'late-news', 'never', 'never', 'never'] as const);
  if (end === 'in-time') made(dueMs - MINUTE_MS, dueMs);
  if (end === 'late') made(dueMs + HOUR_MS, dueMs + random.int(1, 5) * HOUR_MS);
  if (end === 'late-news') made(dueMs - MINUTE_MS, dueMs + random.int(1, 30) * HOUR_MS);
  return told;
}
