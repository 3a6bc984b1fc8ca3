import { PROMISE_EVENT_PREFIX, type CloudEvent, type PromiseType } from '#libs/contracts';
import { isMoney, parseInstant } from '#libs/kernel';
import {
  EMPTY_DOCUMENT,
  OUTCOMES,
  type CustomerDocument,
  type KnownPromise,
  type KnownVerdict,
  type Outcome,
} from '../customer-document/document.js';
import { FieldError, instant, optionalText, positive, text, type Fields } from './fields.js';

const PROMISE_TYPES: readonly PromiseType[] = ['reservation', 'response', 'waiting', 'service', 'delivery'];

/** What one `makegood.promise.*` event tells; fields and kinds that are not known here change nothing. */
export function partOfPromise({ type, data }: CloudEvent): {
  readonly part: CustomerDocument;
  readonly verdict: { readonly promiseId: string; readonly outcome: Outcome | null };
} {
  const promiseId = text(data, 'promiseId');
  const verdict = verdictOf(type, data);
  const { sequence, dueAtMs, decidedAtMs, outcome } = verdict;
  const firstDueAtMs = parseInstant(data['firstDueAt']);
  const known: KnownPromise = {
    verdict,
    broken: outcome === 'breached' ? { decidedAtMs, sequence } : null,
    first: firstDueAtMs === null ? { sequence, dueAtMs } : { sequence: 0, dueAtMs: firstDueAtMs },
    moved: type === `${PROMISE_EVENT_PREFIX}rescheduled` ? { sequence, dueAtMs, atMs: decidedAtMs } : null,
    lines: {},
  };
  const part = {
    ...EMPTY_DOCUMENT,
    asOfMs: decidedAtMs,
    sinceMs: verdict.openedAtMs,
    promises: { [promiseId]: known },
  };
  return { part, verdict: { promiseId, outcome } };
}

function verdictOf(type: string, data: Fields): KnownVerdict {
  const outcome = data['verdict'] ?? null;
  if (outcome !== null && !OUTCOMES.includes(outcome as Outcome)) {
    throw new FieldError(`data.verdict: expected null or one of ${OUTCOMES.join(', ')}`);
  }
  const promiseType = text(data, 'promiseType') as PromiseType;
  if (!PROMISE_TYPES.includes(promiseType)) {
    throw new FieldError(`data.promiseType: expected one of ${PROMISE_TYPES.join(', ')}`);
  }
  const owner = optionalText(data, 'owner');
  const completed = data['completedAt'];
  return {
    sequence: positive(data, 'sequence'),
    promiseType,
    guarantee: text(data, 'guarantee'),
    subject: text(data, 'subject'),
    ...(owner === undefined ? {} : { owner }),
    ...weightOf((data['facts'] ?? {}) as Fields),
    openedAtMs: instant(data, 'openedAt'),
    dueAtMs: instant(data, 'dueAt'),
    decidedAtMs: instant(data, 'decidedAt'),
    outcome: outcome as Outcome | null,
    completedAtMs: completed === undefined || completed === null ? null : instant(data, 'completedAt'),
    final: text(data, 'state') === 'final' || type === `${PROMISE_EVENT_PREFIX}finalized`,
    lossMinor: lossOf(data['base']),
  };
}

/** What the facts of a guarantee may say for the model; facts are the tenant's: anything else in their place is none. */
function weightOf(facts: Fields): Pick<KnownVerdict, 'arm' | 'importance' | 'end'> {
  const importance = facts['importance'];
  const isWeight = typeof importance === 'number' && importance >= 0 && importance <= IMPORTANCE_MAX;
  const arm = optionalText(facts, 'arm');
  return {
    ...(arm === undefined ? {} : { arm }),
    ...(isWeight ? { importance } : {}),
    ...(facts['end'] === true ? { end: true } : {}),
  };
}

/** Beyond it a single promise would drown all others. */
const IMPORTANCE_MAX = 5;

/** The largest base in each currency: what the customer had at stake. */
function lossOf(base: unknown): Record<string, number> {
  const loss: Record<string, number> = {};
  for (const money of Object.values(base ?? {})) {
    if (isMoney(money)) loss[money.currency] = Math.max(loss[money.currency] ?? 0, Number(money.amountMinor));
  }
  return loss;
}
