import { isLocalDate, startOfLocalDayMs } from '#libs/calendar';
import { parseInstant, type InstantMs, type Money } from '#libs/kernel';
import type { Fact } from '#libs/promise-engine';
import type { CaseInput, SchemeCase } from './scheme-case.js';

/** The log of a case: its events in time order, and the instant as of which it is judged. */
export interface CaseLog {
  readonly events: readonly Fact[];
  readonly judgedAtMs: InstantMs;
  /** The case says itself as of when it is judged. */
  readonly asOfMs: InstantMs | null;
}

/** Where a case names no instant at all. */
const SOME_DAY_MS = Date.UTC(2020, 0, 1);

/**
 * The events that a case tells, the same for all schemes: `scheme.promise.made` at the start, then `.excused` with a
 * code each, `.paused` and `.resumed`, `scheme.fact.<name>` at each fact that is an instant, `.kept` at the end, and
 * `.reported` when all is known. Each carries everything that the case says.
 */
export function eventsOf({ id, scheme, input }: SchemeCase, zone: string): CaseLog {
  const instants = instantsOf(input, zone);
  const openedAtMs = instant(input.start) ?? (instants.length === 0 ? SOME_DAY_MS : Math.min(...instants));
  const endMs = instant(input.end);
  const asOfMs = instant(input.facts['asOf']);
  const lastMs = Math.max(openedAtMs, ...instants);
  const said = { scheme, ...input, base: moneyOf(input), customer: 'customer' };
  let count = 0;
  const event = (type: string, occurredAtMs: InstantMs, more: Record<string, unknown> = {}): Fact => ({
    id: `${id}-${++count}`,
    source: 'cases',
    type,
    subject: id,
    claimedAtMs: occurredAtMs,
    occurredAtMs,
    receivedAtMs: occurredAtMs,
    revision: 0,
    data: { ...said, ...more },
  });
  const events = [
    event('scheme.promise.made', openedAtMs),
    ...input.excuses.map((code) => event('scheme.promise.excused', openedAtMs, { code })),
    ...input.pauses.flatMap(({ from, to, reason }, i) => {
      const said = { reason, pause: String(i + 1) };
      return [
        event('scheme.promise.paused', instant(from) ?? openedAtMs, said),
        event('scheme.promise.resumed', instant(to) ?? lastMs, said),
      ];
    }),
    ...Object.entries(input.facts).flatMap(([name, value]) => {
      const atMs = name === 'asOf' ? null : instant(value);
      return atMs === null ? [] : [event(`scheme.fact.${name}`, atMs)];
    }),
    ...(endMs === null ? [] : [event('scheme.promise.kept', endMs)]),
    event('scheme.promise.reported', endMs ?? openedAtMs),
  ];
  const inTimeOrder = events.sort((a, b) => a.occurredAtMs - b.occurredAtMs);
  return { events: inTimeOrder, judgedAtMs: asOfMs ?? lastMs, asOfMs };
}

/** Every instant that the case names; a promised date counts from its first moment. */
function instantsOf(input: CaseInput, zone: string): InstantMs[] {
  const texts = [
    input.promised,
    input.start,
    input.end,
    input.claim?.at,
    ...input.pauses.flatMap(({ from, to }) => [from, to]),
    ...Object.values(input.facts),
  ];
  return texts.flatMap((text) => (isLocalDate(text) ? startOfLocalDayMs(zone, text) : (instant(text) ?? [])));
}

function instant(text: unknown): InstantMs | null {
  return parseInstant(text);
}

function moneyOf({ base, currency }: CaseInput): Record<string, Money | Money[]> {
  const money = (amountMinor: number): Money => ({ amountMinor, currency });
  return Object.fromEntries(
    Object.entries(base).map(([name, value]) => [name, typeof value === 'number' ? money(value) : value.map(money)]),
  );
}
