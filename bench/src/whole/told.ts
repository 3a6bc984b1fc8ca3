import { LOYALTY_PREFIX, TOPICS } from '#libs/contracts';
import { readAnnounced, type Announced } from '../pipeline/announced.js';
import { recordsIn } from '../pipeline/topics.js';
import { customerOf, isBroken, postageMinorOf } from '../pipeline/workload.js';
import { readLinesTold, type LinesTold } from '../wave/lines-told.js';

/** What four processes have said on their topics. */
export interface Told {
  readonly promises: Announced;
  readonly lines: Announced;
  readonly refunds: LinesTold;
  readonly scores: Announced;
  readonly deadLetters: number;
}

/** What follows from the workload alone. */
export interface Due {
  readonly broken: number;
  readonly refundedMinor: number;
  /** Customers with a broken promise: never two of one. */
  readonly customers: number;
}

export function dueOf(promises: number): Due {
  const broken = Array.from({ length: promises }, (_, i) => i).filter(isBroken);
  return {
    broken: broken.length,
    refundedMinor: broken.reduce((sum, i) => sum + postageMinorOf(i), 0),
    customers: new Set(broken.map(customerOf)).size,
  };
}

export async function readTold(brokers: string): Promise<Told> {
  return {
    promises: await readAnnounced(brokers, TOPICS.promises),
    lines: await readAnnounced(brokers, TOPICS.compensations, 'makegood.'),
    refunds: await readLinesTold(brokers),
    scores: await readAnnounced(brokers, TOPICS.loyalty, LOYALTY_PREFIX),
    deadLetters: await recordsIn(brokers, TOPICS.deadLetters),
  };
}

/** What the tables say. */
export interface Kept {
  readonly entries: number;
  readonly entriesSumMinor: number;
  /** Customers of whom one miss and one refund are known. */
  readonly customersScored: number;
}

/** What is wrong with a run, in words; empty: nothing. @param asMuch what must be told of scores, null: at least one a customer. */
export function faultsOfWhole(told: Told, kept: Kept, due: Due, asMuch: Announced | null): string[] {
  const { promises, refunds, scores } = told;
  const wanted: readonly (readonly [what: string, expected: unknown, found: unknown])[] = [
    ['announcements of promises', { breached: due.broken }, promises.counts],
    ['announcements of lines', { 'makegood.refund.requested': due.broken }, refunds.counts],
    ['refunded, in minor units', due.refundedMinor, refunds.refundedMinor],
    ['refunds asked for twice', 0, refunds.keysAskedTwice],
    ['ledger entries', 2 * due.broken, kept.entries],
    ['their sum', 0, kept.entriesSumMinor],
    ['dead letters', 0, told.deadLetters],
    ['customers with one miss and one refund', due.customers, kept.customersScored],
    ...(asMuch ? [['events of scores', asMuch.counts, scores.counts] as const] : []),
  ];
  const faults = wanted.flatMap(([what, expected, found]) => {
    const [a, b] = [JSON.stringify(sorted(expected)), JSON.stringify(sorted(found))];
    return a === b ? [] : [`${what}: ${a} expected, ${b} found`];
  });
  const moved = scores.counts['score-changed'] ?? 0;
  if (moved < due.customers) faults.push(`scores changed: ${due.customers} expected at least, ${moved} told`);
  return faults;
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
