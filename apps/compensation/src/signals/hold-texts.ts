import type { Sql } from '#libs/persistence';
import type { Outgoing } from '#libs/shard-log';
import { loadBooks } from '../books/load-books.js';
import { outgoingOf } from '../books/outgoing.js';
import { saveBooks } from '../books/save-books.js';
import { Draft } from '../entitlement/draft.js';
import { heldFor } from '../entitlement/hold.js';
import { decisionOf } from '../entitlement/settle-entitlement.js';
import { countTold } from '../metrics.js';
import { concerns } from '../words/addressees.js';
import type { PersonalContact } from './personal-contact.js';

const SAVE_CONTACTS = `
insert into personal_contact (customer, group_name, subject, at_ms)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) on conflict do nothing`;

const FIND_UNSAID = `
select line_id as "lineId", promise_id as "promiseId" from line
where state in ('waiting', 'merged') and kind in ('apology', 'notice') and remedy_id not like '%/reminder'
  and beneficiary = any($1::text[])
order by issued_at_ms, line_id`;

/**
 * Writes down whom a person has spoken to, and holds the texts about the same that were put and not said yet: a text that
 * comes to be put later is held then, so which of the two is heard of first makes no difference to an unsaid one.
 */
export async function holdTexts(
  contacts: readonly PersonalContact[],
  shardCount: number,
  tx: Sql,
): Promise<Outgoing[]> {
  if (contacts.length === 0) return [];
  const column = <K extends keyof PersonalContact>(key: K): PersonalContact[K][] => contacts.map((one) => one[key]);
  await tx.query(SAVE_CONTACTS, [column('customer'), column('group'), column('subject'), column('atMs')]);
  const unsaid = await tx.query<{ lineId: string; promiseId: string }>(FIND_UNSAID, [column('customer')]);
  if (unsaid.length === 0) return [];
  const promiseIds = [...new Set(unsaid.map(({ promiseId }) => promiseId))];
  const books = await loadBooks({ promiseIds, subjects: [], apologyDays: [] }, tx);
  for (const { lineId, promiseId } of unsaid) {
    const entitlement = books.find(promiseId);
    const line = entitlement?.lines.find((one) => one.lineId === lineId);
    if (!entitlement?.verdict || !line || (line.state !== 'waiting' && line.state !== 'merged')) continue;
    const { verdict } = entitlement;
    const contact = contacts.find((one) => one.customer === line.beneficiary && concerns(one, verdict));
    if (!contact) continue;
    const draft = new Draft(entitlement.lines, Math.max(contact.atMs, line.issuedAtMs));
    draft.change(lineId, { state: 'held', hold: heldFor('personal-contact', null), wakeAtMs: null });
    draft.proclaim(lineId, 'held', { reason: 'personal-contact' });
    books.take(entitlement, decisionOf(draft));
  }
  await saveBooks(books, shardCount, tx);
  countTold(books);
  return outgoingOf(books, { shardCount, hasPayouts: false });
}
