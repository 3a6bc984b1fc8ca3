import type { ModelEvent } from '#libs/loyalty-model';
import type { ModelSettings } from '#libs/signals';
import type { CustomerDocument } from './document.js';
import { eventsOfPromise, eventsOfSignal, joinedEvent, surroundingsOf } from './model-events.js';

/** What the model is told otherwise after news: only what they touch is looked at. */
export function changesBetween(
  before: CustomerDocument,
  after: CustomerDocument,
  news: CustomerDocument,
  settings: ModelSettings,
): { readonly gone: ModelEvent[]; readonly added: ModelEvent[] } {
  const promises = touchedPromises(before, after, news);
  const signals = Object.keys(news.signals);
  const [old, fresh] = [before, after].map((document) => eventsOf(document, promises, signals, settings)) as [
    ModelEvent[],
    ModelEvent[],
  ];
  if (before.sinceMs !== after.sinceMs) {
    const through = before.summary?.throughDay ?? -Infinity;
    old.push(...joinedEvent(before).filter(({ at }) => at > through));
    fresh.push(...joinedEvent(after).filter(({ at }) => at > through));
  }
  const oldById = new Map(old.map((event) => [event.id, event]));
  const freshById = new Map(fresh.map((event) => [event.id, event]));
  const differs = (event: ModelEvent, others: ReadonlyMap<string, ModelEvent>): boolean =>
    !same(event, others.get(event.id));
  return {
    gone: old.filter((event) => differs(event, freshById)),
    added: fresh.filter((event) => differs(event, oldById)),
  };
}

function eventsOf(
  document: CustomerDocument,
  promises: ReadonlySet<string>,
  signals: readonly string[],
  settings: ModelSettings,
): ModelEvent[] {
  const through = document.summary?.throughDay ?? -Infinity;
  const around = surroundingsOf(document, settings);
  const events: ModelEvent[] = [];
  for (const promiseId of promises) {
    const known = document.promises[promiseId];
    if (known) events.push(...eventsOfPromise(promiseId, known, around));
  }
  for (const key of signals) {
    const signal = document.signals[key];
    if (signal) events.push(...eventsOfSignal(key, signal));
  }
  return events.filter(({ at }) => at > through);
}

/** Promises told of, those whose lines were settled, and those that a signal made good. */
function touchedPromises(before: CustomerDocument, after: CustomerDocument, news: CustomerDocument): Set<string> {
  const touched = new Set(Object.keys(news.promises));
  const lines = Object.keys(news.settlements);
  if (lines.length > 0) {
    for (const [promiseId, known] of Object.entries(after.promises))
      if (lines.some((lineId) => Object.hasOwn(known.lines, lineId))) touched.add(promiseId);
  }
  for (const key of Object.keys(news.signals)) {
    const events = [...(before.signals[key]?.events ?? []), ...(after.signals[key]?.events ?? [])];
    for (const event of events) if (event.type === 'recovery.done') touched.add(event.promiseId);
  }
  return touched;
}

/** Events are flat: their fields are texts, numbers and flags. */
function same(a: ModelEvent, b: ModelEvent | undefined): boolean {
  if (b === undefined) return false;
  const [one, other] = [a, b] as unknown as Record<string, unknown>[] as [
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
