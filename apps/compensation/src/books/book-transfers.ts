import { POINTS_CURRENCY } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import type { AccountKind, Transfer } from '../entitlement/draft.js';
import type { Booked } from './books.js';
import { ADD_CUSTOMER_REFS, BOOK_ENTRIES, BOOK_TRANSFERS, LOAD_CUSTOMER_REFS } from './sql.js';

interface CustomerRef {
  readonly customer: string;
  readonly ref: string;
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
  const known = await tx.query<CustomerRef>(LOAD_CUSTOMER_REFS, [customers]);
  const refs = new Map(known.map(({ customer, ref }) => [customer, ref]));
  const missing = customers.filter((customer) => !refs.has(customer));
  if (missing.length === 0) return refs;
  const added = await tx.query<CustomerRef>(ADD_CUSTOMER_REFS, [missing]);
  for (const { customer, ref } of added) refs.set(customer, ref);
  const elsewhere = missing.filter((customer) => !refs.has(customer)); // another transaction met them first
  if (elsewhere.length === 0) return refs;
  for (const { customer, ref } of await tx.query<CustomerRef>(LOAD_CUSTOMER_REFS, [elsewhere])) refs.set(customer, ref);
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
