import { compareEvents, inDays, type ModelEvent } from '#libs/loyalty-model';
import type { ModelSettings } from '#libs/signals';
import type { CustomerDocument, KnownPromise, KnownVerdict } from './document.js';
import { recoveriesOf, type LineBook } from './recoveries.js';

/** What the model is told of a promise depends on, beside the promise itself. */
export interface Surroundings {
  readonly settings: ModelSettings;
  readonly settlements: CustomerDocument['settlements'];
  /** Recoveries that signals told: promise and time (ms), for promises that have any. */
  readonly signalledRecoveries: ReadonlyMap<string, readonly number[]>;
}

export function surroundingsOf(document: CustomerDocument, settings: ModelSettings): Surroundings {
  return { settings, settlements: document.settlements, signalledRecoveries: signalledRecoveriesOf(document) };
}

/**
 * What the model is told of one promise, in the model's order. The times are those at which things happened to the
 * customer, not those of our decisions, so that it does not matter when or in what order we learnt of them.
 * A promise excused or cancelled is told as if it had never been made; one that was moved, by the deadline told first.
 */
export function eventsOfPromise(promiseId: string, known: KnownPromise, around: Surroundings): ModelEvent[] {
  const { verdict } = known;
  if (!verdict) return [];
  const { settings } = around;
  const tolerance = settings.toleranceMs[verdict.promiseType];
  const dueAtMs = firstDueOf(known, verdict);
  const about = {
    promiseId,
    kind: verdict.promiseType,
    dueAt: dueAtMs,
    madeAt: verdict.openedAtMs,
    ...(verdict.importance === undefined ? {} : { importance: verdict.importance }),
  };
  const settled = (actualAt: number | null, at: number): ModelEvent => ({
    id: `${promiseId}:settled`,
    type: 'promise.settled',
    at,
    ...about,
    actualAt,
    tolerance,
    ...(verdict.end === true ? { end: true } : {}),
  });
  const events = noticesOf(promiseId, known, verdict.dueAtMs, around.settlements);
  if (verdict.outcome === 'kept') {
    const doneAtMs = verdict.completedAtMs ?? verdict.dueAtMs;
    events.push(settled(doneAtMs, doneAtMs));
  } else if (verdict.outcome === 'breached') {
    const brokenAtMs = Math.min(dueAtMs, known.broken?.decidedAtMs ?? dueAtMs);
    events.push({ id: `${promiseId}:breached`, type: 'promise.breached', at: brokenAtMs, ...about });
    if (verdict.completedAtMs !== null) {
      events.push(settled(verdict.completedAtMs, Math.max(verdict.completedAtMs, brokenAtMs)));
    } else if (verdict.final) events.push(settled(null, verdict.decidedAtMs));
    const book: LineBook = { promiseId, known, brokenAtMs, settings, settlements: around.settlements };
    const recoveries = recoveriesOf(book);
    events.push(...recoveries, ...missedRecoveryOf(promiseId, dueAtMs, recoveries, around));
  }
  events.push(...kindnessesOf(promiseId, known, around.settlements));
  return events.map(inDays).sort(compareEvents);
}

/** Nobody made good in time: true from the deadline on, whoever looks, and untrue again if it turns out that somebody did. */
function missedRecoveryOf(
  promiseId: string,
  dueAtMs: number,
  recoveries: readonly ModelEvent[],
  { settings, signalledRecoveries }: Surroundings,
): ModelEvent[] {
  const deadlineMs = dueAtMs + settings.recoveryWithinMs;
  const inTime = recoveries.some(({ at }) => at <= deadlineMs);
  if (inTime || signalledRecoveries.get(promiseId)?.some((at) => at <= deadlineMs)) return [];
  return [{ id: `${promiseId}:unrecovered`, type: 'recovery.missed', at: deadlineMs, promiseId }];
}

/**
 * A warning before due counts once, the first one: a notice that was sent, or a re-promise. What is told by a notice
 * afterwards (a correction, a reminder of money) is none.
 */
function noticesOf(
  promiseId: string,
  { lines, moved }: KnownPromise,
  dueAtMs: number,
  settlements: CustomerDocument['settlements'],
): ModelEvent[] {
  const told = Object.entries(lines).flatMap(([lineId, { kind, standing, requestedAtMs }]) =>
    kind === 'notice' &&
    standing &&
    requestedAtMs !== null &&
    requestedAtMs < dueAtMs &&
    settlements[lineId]?.result !== 'failed'
      ? [{ at: requestedAtMs, newEta: undefined as number | undefined }]
      : [],
  );
  if (moved) told.push({ at: moved.atMs, newEta: moved.dueAtMs });
  const [first] = told.sort((a, b) => a.at - b.at || (b.newEta ?? 0) - (a.newEta ?? 0));
  if (!first) return [];
  const newEta = told.find((each) => each.newEta !== undefined)?.newEta;
  const eta = newEta === undefined ? {} : { newEta };
  return [{ id: `${promiseId}:notice`, type: 'delay.notified', at: first.at, promiseId, ...eta }];
}

/** A call that was made, a gift that was given: they warm, beside making good. */
function kindnessesOf(
  promiseId: string,
  { lines }: KnownPromise,
  settlements: CustomerDocument['settlements'],
): ModelEvent[] {
  return Object.entries(lines).flatMap(([lineId, { kind, standing, requestedAtMs }]): ModelEvent[] => {
    const settlement = settlements[lineId];
    const id = `${promiseId}:${kind}:${lineId}`;
    if (!standing) return [];
    if (kind === 'callback' && settlement?.result === 'settled')
      return [{ id, type: 'contact.made', at: settlement.atMs, channel: 'call', personal: true }];
    if (kind === 'gift' && requestedAtMs !== null && !isUndone(settlement?.result))
      return [{ id, type: 'gesture.made', at: requestedAtMs, kind: 'gift' }];
    return [];
  });
}

function isUndone(result: string | undefined): boolean {
  return result !== undefined && result !== 'settled';
}

/** When the customer was first seen. */
export function joinedEvent({ sinceMs }: CustomerDocument): ModelEvent[] {
  return sinceMs === null ? [] : [inDays({ id: 'joined', type: 'customer.joined', at: sinceMs })];
}

/** What one signal tells the model. */
export function eventsOfSignal(key: string, { events }: CustomerDocument['signals'][string]): ModelEvent[] {
  return events.map((event, i) => inDays({ ...event, id: i === 0 ? key : `${key}#${i}` } as ModelEvent));
}

/** The whole history that is not yet summarised, in the model's order; deadlines that lie ahead are in it. */
export function eventsOfDocument(document: CustomerDocument, settings: ModelSettings): ModelEvent[] {
  const through = document.summary?.throughDay ?? -Infinity;
  const around = surroundingsOf(document, settings);
  const events = joinedEvent(document);
  for (const [promiseId, known] of Object.entries(document.promises))
    events.push(...eventsOfPromise(promiseId, known, around));
  for (const [key, signal] of Object.entries(document.signals)) events.push(...eventsOfSignal(key, signal));
  return events.filter(({ at }) => at > through).sort(compareEvents);
}

function signalledRecoveriesOf({ signals }: CustomerDocument): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const { events } of Object.values(signals)) {
    for (const event of events) {
      if (event.type !== 'recovery.done') continue;
      found.set(event.promiseId, [...(found.get(event.promiseId) ?? []), event.at]);
    }
  }
  return found;
}

/** The deadline the model measures a promise by. */
export function firstDueOf(known: KnownPromise, verdict: KnownVerdict): number {
  return known.moved && known.first ? known.first.dueAtMs : verdict.dueAtMs;
}
