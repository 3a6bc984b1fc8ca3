import { partitionOf } from '#libs/contracts';
import type { Sql } from '#libs/persistence';
import type { Entitlement } from '../entitlement/entitlement.js';
import { bookTransfers } from './book-transfers.js';
import type { Books, OwnedLine } from './books.js';
import { ADD_ENTITLEMENTS, ADD_LINES, CHANGE_ENTITLEMENTS, CHANGE_LINES, PLAN_ONCE } from './sql.js';

/** Writes what was decided: entitlements, lines and the ledger, each kind of row by one statement. */
export async function saveBooks(books: Books, shardCount: number, tx: Sql): Promise<void> {
  const entitlements = books.changedEntitlements();
  const lines = books.changedLines();
  const rows = [entitlements.fresh, entitlements.known, lines.fresh, lines.known, books.booked];
  if (rows.every(({ length }) => length === 0)) return;
  await tx.query(PLAN_ONCE);
  await addEntitlements(entitlements.fresh, shardCount, tx);
  await changeEntitlements(entitlements.known, tx);
  await addLines(lines.fresh, shardCount, tx);
  await changeLines(lines.known, tx);
  await bookTransfers(books.booked, tx);
}

async function addEntitlements(rows: readonly Entitlement[], shardCount: number, tx: Sql): Promise<void> {
  if (rows.length === 0) return;
  const promises = rows.map(({ promise }) => promise);
  await tx.query(ADD_ENTITLEMENTS, [
    rows.map(({ promiseId }) => promiseId),
    rows.map(({ breachId }) => breachId),
    rows.map(({ compensationId }) => compensationId),
    promises.map(({ guarantee }) => guarantee),
    promises.map(({ guaranteeVersion }) => guaranteeVersion),
    promises.map(({ mode }) => mode),
    promises.map(({ subject }) => subject),
    promises.map(({ customer }) => customer),
    jsonLines(promises, ({ parties }) => parties),
    jsonLines(promises, ({ refs }) => refs),
    promises.map(({ group }) => group ?? null),
    rows.map(({ sequence }) => sequence),
    rows.map(({ contentHash }) => contentHash),
    jsonLines(rows, ({ owed }) => owed),
    promises.map(({ customer }) => partitionOf(customer, shardCount)),
    jsonLines(rows, ({ verdict }) => verdict),
    jsonLines(rows, ({ counted }) => counted),
  ]);
}

async function changeEntitlements(rows: readonly Entitlement[], tx: Sql): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(CHANGE_ENTITLEMENTS, [
    rows.map(({ promiseId }) => promiseId),
    rows.map(({ sequence }) => sequence),
    rows.map(({ contentHash }) => contentHash),
    jsonLines(rows, ({ owed }) => owed),
    jsonLines(rows, ({ verdict }) => verdict),
    jsonLines(rows, ({ counted }) => counted),
  ]);
}

async function addLines(rows: readonly OwnedLine[], shardCount: number, tx: Sql): Promise<void> {
  if (rows.length === 0) return;
  const lines = rows.map(({ line }) => line);
  await tx.query(ADD_LINES, [
    lines.map(({ lineId }) => lineId),
    rows.map(({ owner }) => owner.promiseId),
    lines.map(({ remedyId }) => remedyId),
    lines.map(({ n }) => n),
    lines.map(({ kind }) => kind),
    lines.map(({ currency }) => currency),
    lines.map(({ amountMinor }) => amountMinor),
    lines.map(({ cancelledMinor }) => cancelledMinor),
    lines.map(({ reversedMinor }) => reversedMinor),
    lines.map(({ paidMinor }) => paidMinor),
    lines.map(({ absorbedMinor }) => absorbedMinor),
    lines.map(({ state }) => state),
    lines.map(({ lineSequence }) => lineSequence),
    lines.map(({ beneficiary }) => beneficiary),
    lines.map(({ apologyDay }) => apologyDay),
    lines.map(({ issuedAtMs }) => issuedAtMs),
    jsonLines(lines, ({ details }) => details),
    lines.map(({ receivableMinor }) => receivableMinor),
    lines.map(({ route }) => route),
    lines.map(({ hold }) => (hold === null ? null : JSON.stringify(hold))),
    rows.map(({ owner }) => partitionOf(owner.promise.customer, shardCount)),
    lines.map(({ quiet }) => (quiet === null ? null : JSON.stringify(quiet))),
    lines.map(({ wakeAtMs }) => wakeAtMs),
  ]);
}

async function changeLines(rows: readonly OwnedLine[], tx: Sql): Promise<void> {
  if (rows.length === 0) return;
  const lines = rows.map(({ line }) => line);
  await tx.query(CHANGE_LINES, [
    lines.map(({ lineId }) => lineId),
    lines.map(({ cancelledMinor }) => cancelledMinor),
    lines.map(({ reversedMinor }) => reversedMinor),
    lines.map(({ paidMinor }) => paidMinor),
    lines.map(({ absorbedMinor }) => absorbedMinor),
    lines.map(({ receivableMinor }) => receivableMinor),
    lines.map(({ state }) => state),
    lines.map(({ lineSequence }) => lineSequence),
    lines.map(({ hold }) => (hold === null ? null : JSON.stringify(hold))),
    lines.map(({ wakeAtMs }) => wakeAtMs),
    lines.map(({ claim }) => (claim === null ? null : JSON.stringify(claim))),
  ]);
}

/** JSON never holds a raw newline; an empty line is null. */
function jsonLines<Row>(rows: readonly Row[], pick: (row: Row) => unknown): string {
  return rows
    .map((row) => {
      const value = pick(row);
      return value === null ? '' : JSON.stringify(value);
    })
    .join('\n');
}
