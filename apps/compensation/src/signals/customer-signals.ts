import type { CloudEvent } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import type { Signals } from '#libs/signals';
import { profileUpdateOf, saveProfiles, type ProfileUpdate } from './customer-profiles.js';
import { holdTexts } from './hold-texts.js';
import { personalContactOf, type PersonalContact } from './personal-contact.js';
import { reclaimLines } from './reclaim-lines.js';
import { NO_EFFECTS, type Effects, type Rejected } from '#libs/shard-log';

/**
 * Keeps of the signals what words and payments need: the language, how money reaches somebody, and who has been spoken to
 * by a person.
 */
export async function followSignals(
  records: readonly LogRecord[],
  { shardCount, signals }: { readonly shardCount: number; readonly signals: Signals },
  tx: Sql,
): Promise<Effects> {
  const rejected: Rejected[] = [];
  const contacts: PersonalContact[] = [];
  const updates: ProfileUpdate[] = [];
  for (const record of records) {
    try {
      const event = JSON.parse(record.value.toString('utf8')) as CloudEvent;
      const contact = personalContactOf(event, signals);
      if (contact) contacts.push(contact);
      const update = profileUpdateOf(event);
      if (update) updates.push(update);
    } catch (error) {
      // It changes what was known: applied later, it must not undo what came after it.
      rejected.push({ record, reason: 'SIGNAL_INVALID', detail: (error as Error).message, holdsKey: true });
    }
  }
  await saveProfiles(updates, tx);
  const payable = [...new Set(updates.filter(({ payee }) => payee != null).map(({ customer }) => customer))].sort();
  const atMs = Math.max(0, ...records.map(({ timestampMs }) => timestampMs));
  const held = await holdTexts(contacts, shardCount, tx);
  return { ...NO_EFFECTS, outgoing: [...held, ...(await reclaimLines(payable, atMs, shardCount, tx))], rejected };
}
