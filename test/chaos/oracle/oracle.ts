import { TERMS, type ChaosPromise } from '../load/promises.js';
import type { TailRecord } from './log-tail.js';

/** What the log and the books are asked at the end. Nothing here knows how the product works: JSON, sums, comparison. */
export interface Evidence {
  readonly events: readonly TailRecord[];
  readonly promises: readonly TailRecord[];
  readonly compensations: readonly TailRecord[];
  readonly deadLetters: readonly TailRecord[];
  readonly loyalty: readonly TailRecord[];
  /** What the bank paid, by line, in minor units. */
  readonly payments: ReadonlyMap<string, number>;
  /** Entries of the ledger summed by transfer (must be zero) and by account. */
  readonly unbalancedTransfers: number;
  readonly accounts: Readonly<Record<string, number>>;
}

export interface Count {
  readonly promises: number;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly falseAlarms: number;
  readonly lines: number;
  readonly linesTakenBack: number;
  readonly paidMinor: number;
  readonly toldAgain: number;
  readonly violations: readonly string[];
}

interface Told {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly receivedat?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export const verdictOf = ({ endedMs, dueMs, course }: ChaosPromise): 'kept' | 'breached' | 'cancelled' => {
  if (course === 'withdrawn') return 'cancelled';
  return endedMs !== null && endedMs <= dueMs ? 'kept' : 'breached';
};

export const owedMinorOf = (promise: ChaosPromise): number =>
  verdictOf(promise) === 'breached' && !promise.isBare ? promise.postageMinor + TERMS.voucherMinor : 0;

/** Counts everything once. Each violation is one sentence that names what it is about. */
export function count(promises: readonly ChaosPromise[], evidence: Evidence): Count {
  const violations: string[] = [];
  const violate = (text: string): void => void violations.push(text);
  const acceptedMs = acceptedTimes(evidence.events);
  const heard = tellOnce(evidence.promises, violate);
  const lineEvents = tellOnce(evidence.compensations, violate);
  tellOnce(evidence.loyalty, violate);
  for (const { text } of evidence.deadLetters) violate(`a dead letter: ${text.slice(0, 400)}`);

  const storyOf = groupedBy(heard.events, ({ data, type }) =>
    type.startsWith('makegood.promise.') ? String(data['subject']) : null,
  );
  const linesOf = readLines(lineEvents.events, violate);
  const verdicts: Record<string, number> = {};
  let [falseAlarms, linesTakenBack] = [0, 0];
  for (const promise of promises) {
    const story = storyOf.get(promise.subject) ?? [];
    const last = checkStory(promise, story, acceptedMs, violate);
    if (last) verdicts[last] = (verdicts[last] ?? 0) + 1;
    if (story.some(({ type }) => type.endsWith('.retracted'))) falseAlarms += 1;
    linesTakenBack += checkLines(promise, linesOf.get(promise.subject) ?? [], evidence.payments, violate);
  }
  const known = new Set(promises.map(({ subject }) => subject));
  for (const subject of storyOf.keys()) if (!known.has(subject)) violate(`${subject}: a promise that nobody made`);
  const lines = [...linesOf.values()].flat();
  checkBooks(evidence, lines, violate);
  return {
    promises: promises.length,
    verdicts,
    falseAlarms,
    lines: lines.length,
    linesTakenBack,
    paidMinor: sumOf(evidence.payments.values()),
    toldAgain: heard.again + lineEvents.again,
    violations,
  };
}

/** When the log had each event, as its receipt counts: its append time in ingress where it came that way. */
function acceptedTimes(records: readonly TailRecord[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { text, appendedMs } of records) {
    const { id, receivedat } = JSON.parse(text) as Told;
    if (!times.has(id)) times.set(id, receivedat === undefined ? appendedMs : Date.parse(receivedat));
  }
  return times;
}

/** A topic may carry an event twice, always with the same bytes. Answers each once, in the order of its first telling. */
function tellOnce(records: readonly TailRecord[], violate: (text: string) => void): { events: Told[]; again: number } {
  const seen = new Map<string, string>();
  const events: Told[] = [];
  let again = 0;
  for (const { text, topic } of records) {
    const event = JSON.parse(text) as Told;
    if (event.type === 'makegood.tick') continue; // one and the same for every partition
    const before = seen.get(event.id);
    if (before === undefined) events.push(event);
    else if (before !== text) violate(`${topic}: event ${event.id} was told with two contents`);
    else again += 1;
    seen.set(event.id, text);
  }
  return { events, again };
}

function checkStory(
  promise: ChaosPromise,
  story: readonly Told[],
  acceptedMs: ReadonlyMap<string, number>,
  violate: (text: string) => void,
): string | null {
  const { subject, dueMs, course } = promise;
  const ids = new Set(story.map(({ data }) => data['promiseId']));
  if (ids.size !== 1) violate(`${subject}: one promise expected → ${ids.size}`);
  const steps = [...story].sort((a, b) => Number(a.data['sequence']) - Number(b.data['sequence']));
  steps.forEach(({ data }, i) => {
    if (data['sequence'] !== i + 1)
      violate(`${subject}: step ${i + 1} expected → sequence ${String(data['sequence'])}`);
  });
  const verdict = (steps.at(-1)?.data['verdict'] as string | null | undefined) ?? null;
  if (verdict !== verdictOf(promise)) violate(`${subject}: ${verdictOf(promise)} expected (${course}) → ${verdict}`);
  const breaches = steps.filter(({ type }) => type.endsWith('.breached'));
  if (breaches.length > 1) violate(`${subject}: breached ${breaches.length} times`);
  for (const breach of breaches) {
    const decidedMs = Date.parse(String(breach.data['decidedAt']));
    // A late scan that comes before the allowance is over says by itself that the due was missed.
    if (decidedMs < dueMs) violate(`${subject}: breached at ${breach.time}, before its due`);
  }
  const ended = acceptedMs.get(`${subject}-${course === 'withdrawn' ? 'withdrawn' : 'delivered'}`);
  const opened = acceptedMs.get(`${subject}-accepted`);
  if (opened === undefined) violate(`${subject}: its opening was acknowledged and is not in the log`);
  if (promise.endedMs !== null && ended === undefined)
    violate(`${subject}: its end was acknowledged and is not in the log`);
  // What the log had within the allowance can never have been announced as broken; a second is how late ingress may be.
  const inTime = verdictOf(promise) !== 'breached' && ended !== undefined && ended < dueMs + TERMS.allowanceMs - 1_000;
  const openInTime = opened !== undefined && opened < dueMs + TERMS.allowanceMs - 1_000;
  if (inTime && openInTime && breaches.length > 0)
    violate(`${subject}: announced as broken though the log had the news`);
  return verdict;
}

interface Line {
  readonly lineId: string;
  readonly subject: string;
  readonly amountMinor: number;
  /** Asked for, and neither cancelled nor taken back. */
  isLive: boolean;
}

function readLines(events: readonly Told[], violate: (text: string) => void): Map<string, Line[]> {
  const lines = new Map<string, Line>();
  const keys = new Map<string, string>();
  const sorted = [...events].sort((a, b) => Number(a.data['lineSequence']) - Number(b.data['lineSequence']));
  for (const { type, subject, data } of sorted) {
    const lineId = String(data['lineId']);
    if (type.endsWith('.requested') && !lines.has(lineId)) {
      const { amountMinor } = data['amount'] as { amountMinor: number };
      const key = String(data['idempotencyKey']);
      if (keys.has(key)) violate(`${subject}: key ${key} stands for two lines`);
      keys.set(key, lineId);
      lines.set(lineId, { lineId, subject, amountMinor, isLive: true });
    }
    const line = lines.get(lineId);
    if (line && /\.(cancelled|recall-requested|reversed)$/.test(type)) line.isLive = false;
  }
  return groupedBy([...lines.values()], ({ subject }) => subject);
}

/** @returns how many lines were taken back. */
function checkLines(
  promise: ChaosPromise,
  lines: readonly Line[],
  payments: ReadonlyMap<string, number>,
  violate: (text: string) => void,
): number {
  const { subject, postageMinor } = promise;
  const owed = owedMinorOf(promise) > 0 ? [TERMS.voucherMinor, postageMinor].sort((a, b) => a - b) : [];
  const live = lines
    .filter(({ isLive }) => isLive)
    .map(({ amountMinor }) => amountMinor)
    .sort((a, b) => a - b);
  if (JSON.stringify(live) !== JSON.stringify(owed)) violate(`${subject}: lines of [${owed}] expected → [${live}]`);
  // Nothing here is ever revoked, so no remedy may have been asked for a second time.
  if (lines.length > 2) violate(`${subject}: ${lines.length} lines were asked for, of two remedies`);
  const paid = lines.filter(({ lineId }) => payments.has(lineId));
  const paidMinor = sumOf(paid.map(({ lineId }) => payments.get(lineId) ?? 0));
  if (paidMinor > postageMinor + TERMS.voucherMinor) violate(`${subject}: paid ${paidMinor}, more than was ever owed`);
  if (owed.length > 0 && paidMinor !== owedMinorOf(promise))
    violate(`${subject}: ${owedMinorOf(promise)} to be paid → ${paidMinor}`);
  return lines.length - live.length;
}

function checkBooks(
  { accounts, unbalancedTransfers, payments }: Evidence,
  lines: readonly Line[],
  violate: (text: string) => void,
): void {
  if (unbalancedTransfers > 0) violate(`${unbalancedTransfers} transfers of the ledger do not sum to zero`);
  const total = sumOf(Object.values(accounts));
  if (total !== 0) violate(`the accounts of the ledger sum to ${total} and not to zero`);
  const byPrefix = (prefix: string): number =>
    sumOf(
      Object.entries(accounts)
        .filter(([name]) => name === prefix || name.startsWith(`${prefix}:`))
        .map(([, minor]) => minor),
    );
  const paidMinor = sumOf(payments.values());
  if (Math.abs(byPrefix('paid')) !== paidMinor)
    violate(`the bank paid ${paidMinor} → the ledger says ${byPrefix('paid')}`);
  if (byPrefix('payable') !== 0) violate(`everything is paid or cancelled → ${byPrefix('payable')} are still payable`);
  const liveMinor = sumOf(lines.filter(({ isLive }) => isLive).map(({ amountMinor }) => amountMinor));
  if (Math.abs(byPrefix('expense')) !== liveMinor)
    violate(`lines stand for ${liveMinor} → the ledger's expense is ${byPrefix('expense')}`);
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string | null): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

const sumOf = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);
