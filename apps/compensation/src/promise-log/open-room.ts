import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import type { Books } from '../books/books.js';
import { CircumstancesBook } from '../circumstances/circumstances.js';
import type { Entitlement } from '../entitlement/entitlement.js';
import { HoldingDesk } from '../holding/holding-desk.js';
import type { GuaranteeTerms } from '../terms/guarantee-terms.js';
import type { ApologyWriter } from '../words/apology-writer.js';
import { DecisionRoom, deskCaseOf } from './decision-room.js';
import { named } from './owed-now.js';
import type { PromiseUnderTerms } from './judged-promise.js';

/** Whoever decides about lines needs these; the same for every transaction. */
export interface DecisionMeans {
  readonly terms: GuaranteeTerms;
  readonly shardCount: number;
  /** How money leaves where its guarantee says nothing. */
  readonly routeByDefault: string;
  /** Payouts are promises of their own, told through ingress. */
  readonly hasPayouts: boolean;
}

/**
 * The room for decisions about these books.
 * @param events what the batch brings up itself
 */
export async function openRoom(
  books: Books,
  events: readonly (PromiseUnderTerms & { readonly isNewBreach: boolean })[],
  writer: ApologyWriter,
  { terms, routeByDefault }: DecisionMeans,
  tx: Sql,
): Promise<DecisionRoom> {
  const known = new Map<string, PromiseUnderTerms>();
  for (const entitlement of books.all()) {
    const under = await underTerms(entitlement, terms, tx);
    if (under) known.set(entitlement.promiseId, under);
  }
  for (const { promise, guarantee } of events) known.set(promise.data.promiseId, { promise, guarantee });
  const brought = new Set(events.map(({ promise }) => promise));
  const others = [...known.values()].filter(({ promise }) => !brought.has(promise));
  const desk = await HoldingDesk.open(
    events.map((event) => ({ ...deskCaseOf(event, event.promise.decidedAtMs), isNewBreach: event.isNewBreach })),
    others.map((other) => deskCaseOf(other, other.promise.decidedAtMs)),
    routeByDefault,
    tx,
  );
  const promises = [...books.all().map(named), ...events.map(({ promise }) => promise.data)];
  return new DecisionRoom(books, desk, writer, await CircumstancesBook.read(promises, tx), known);
}

/** A promise as its newest event left it; null: learned from our own output, the event itself not seen (again). */
async function underTerms(entitlement: Entitlement, terms: GuaranteeTerms, tx: Sql): Promise<PromiseUnderTerms | null> {
  const { verdict, promise } = entitlement;
  if (verdict === null) return null;
  const guarantee = await terms.find(promise.guarantee, promise.guaranteeVersion, tx);
  const decidedAtMs = Date.parse(verdict.decidedAt);
  return { guarantee, promise: { record: NO_RECORD, type: 'makegood.promise.breached', data: verdict, decidedAtMs } };
}

/** Decided anew without a record of its own: what cannot be computed now could not be computed then. */
export const NO_RECORD: LogRecord = {
  topic: 'makegood.promises.v1',
  partition: 0,
  offset: 0,
  timestampMs: 0,
  key: null,
  value: Buffer.from('{}'),
};
