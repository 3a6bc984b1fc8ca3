import type { PromiseEventData } from '#libs/contracts';
import type { Guarantee } from '#libs/guarantees';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import type { Books } from '../books/books.js';
import { CircumstancesBook } from '../circumstances/circumstances.js';
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
  const guarantees = new Map<string, Guarantee>();
  for (const { promiseId, promise, verdict } of books.all()) {
    const guarantee = await terms.find(promise.guarantee, promise.guaranteeVersion, tx);
    guarantees.set(promiseId, guarantee);
    if (verdict !== null) known.set(promiseId, asLastTold(verdict, guarantee));
  }
  for (const { promise, guarantee } of events) {
    known.set(promise.data.promiseId, { promise, guarantee });
    guarantees.set(promise.data.promiseId, guarantee);
  }
  const brought = new Set(events.map(({ promise }) => promise));
  const others = [...known.values()].filter(({ promise }) => !brought.has(promise));
  const desk = await HoldingDesk.open(
    events.map((event) => ({ ...deskCaseOf(event, event.promise.decidedAtMs), isNewBreach: event.isNewBreach })),
    others.map((other) => deskCaseOf(other, other.promise.decidedAtMs)),
    routeByDefault,
    tx,
  );
  const promises = [...books.all().map(named), ...events.map(({ promise }) => promise.data)];
  return new DecisionRoom(books, desk, writer, await CircumstancesBook.read(promises, tx), { known, guarantees });
}

/** A promise as its newest event left it. */
function asLastTold(verdict: PromiseEventData, guarantee: Guarantee): PromiseUnderTerms {
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
