import { partitionOf } from '#libs/contracts';
import { POINTS_CURRENCY } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import type { AccountKind, Transfer } from '../entitlement/draft.js';
import type { Booked, Books } from './books.js';
import {
  ADD_CUSTOMER_REFS,
  BOOK_ENTRIES,
  BOOK_TRANSFERS,
  LOAD_CUSTOMER_REFS,
  SAVE_ENTITLEMENTS,
  SAVE_LINES,
} from './sql.js';

/** Writes what was decided: entitlements, lines and the ledger, each by one statement. */
export async function saveBooks(books: Books, shardCount: number, tx: Sql): Promise<void> {
  await saveEntitlements(books, shardCount, tx);
  await saveLines(books, tx);
  await bookTransfers(books.booked, tx);
}

async function saveEntitlements(books: Books, shardCount: number, tx: Sql): Promise<void> {
  const rows = books.changedEntitlements();
  if (rows.length === 0) return;
  const promises = rows.map(({ promise }) => promise);
  await tx.query(SAVE_ENTITLEMENTS, [
    rows.map(({ promiseId }) => promiseId),
    rows.map(({ breachId }) => breachId),
    rows.map(({ compensationId }) => compensationId),
    promises.map(({ guarantee }) => guarantee),
    promises.map(({ guaranteeVersion }) => guaranteeVersion),
    promises.map(({ mode }) => mode),
    promises.map(({ subject }) => subject),
    promises.map(({ customer }) => customer),
    promises.map(({ parties }) => JSON.stringify(parties)),
    promises.map(({ refs }) => JSON.stringify(refs)),
    promises.map(({ group }) => group ?? null),
    rows.map(({ sequence }) => sequence),
    rows.map(({ contentHash }) => contentHash),
    rows.map(({ owed }) => JSON.stringify(owed)),
    promises.map(({ customer }) => partitionOf(customer, shardCount)),
    rows.map(({ verdict }) => (verdict === null ? null : JSON.stringify(verdict))),
  ]);
}

async function saveLines(books: Books, tx: Sql): Promise<void> {
  const rows = books.changedLines();
  if (rows.length === 0) return;
  const lines = rows.map(({ line }) => line);
  await tx.query(SAVE_LINES, [
    lines.map(({ lineId }) => lineId),
    rows.map(({ promiseId }) => promiseId),
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
    lines.map(({ details }) => JSON.stringify(details)),
    lines.map(({ receivableMinor }) => receivableMinor),
    lines.map(({ route }) => route),
    lines.map(({ hold }) => (hold === null ? null : JSON.stringify(hold))),
  ]);
}

/** A transfer's id is its identity: the same booked a second time is refused by the database. */
export async function bookTransfers(booked: readonly Booked[], tx: Sql): Promise<void> {
  if (booked.length === 0) return;
  const transfers = booked.map(({ transfer }) => transfer);
  const refs = await customerRefs(transfers, tx);
  await tx.query(BOOK_TRANSFERS, [
    transfers.map(({ transferId }) => transferId),
    transfers.map(({ lineId }) => lineId),
    transfers.map(({ reason }) => reason),
    transfers.map(({ bookedAtMs }) => bookedAtMs),
  ]);
  const entries = booked.flatMap(({ guarantee, transfer }) => {
    const account = (kind: AccountKind): string => accountName(kind, guarantee, transfer, refs);
    return [
      { transfer, account: account(transfer.debit), amountMinor: transfer.amountMinor },
      { transfer, account: account(transfer.credit), amountMinor: -transfer.amountMinor },
    ];
  });
  await tx.query(BOOK_ENTRIES, [
    entries.map(({ transfer }) => transfer.transferId),
    entries.map(({ account }) => account),
    entries.map(({ transfer }) => transfer.currency),
    entries.map(({ amountMinor }) => amountMinor),
  ]);
}

async function customerRefs(transfers: readonly Transfer[], tx: Sql): Promise<Map<string, string>> {
  // Sorted, so that two transactions that meet new customers wait for each other instead of dying.
  const customers = [...new Set(transfers.map(({ beneficiary }) => beneficiary))].sort();
  const known = await tx.query<{ customer: string; ref: string }>(LOAD_CUSTOMER_REFS, [customers]);
  const refs = new Map(known.map(({ customer, ref }) => [customer, ref]));
  const missing = customers.filter((customer) => !refs.has(customer));
  if (missing.length === 0) return refs;
  await tx.query(ADD_CUSTOMER_REFS, [missing]);
  for (const { customer, ref } of await tx.query<{ customer: string; ref: string }>(LOAD_CUSTOMER_REFS, [missing])) {
    refs.set(customer, ref);
  }
  return refs;
}

function accountName(
  kind: AccountKind,
  guarantee: string,
  transfer: Transfer,
  refs: ReadonlyMap<string, string>,
): string {
  if (kind === 'paid') return 'paid';
  if (kind !== 'payable' && kind !== 'receivable') return `${kind}:${guarantee}`;
  const ref = refs.get(transfer.beneficiary) as string;
  if (kind === 'receivable') return `receivable:${ref}`;
  return transfer.currency === POINTS_CURRENCY ? `points:${ref}` : `payable:${ref}`;
}
