import { lineIdOf } from '#libs/kernel';
import type { Draft } from './draft.js';
import type { Entitlement } from './entitlement.js';
import { ask } from './issue-line.js';
import { openOf, UNTOUCHED, type Line, type LineState } from './line.js';
import type { Words } from './settle-entitlement.js';
import { withdraw } from './take-back.js';

/** No remedy of a guarantee can have such a name, so reminders are numbered apart from what they remind of. */
const SUFFIX = '/reminder';

/** Puts the words that remind of a line of money; null: there is nothing to say it with. */
export type WordsOfReminder = (owner: Entitlement, line: Line) => Words | null;

export function isReminder({ remedyId }: Pick<Line, 'remedyId'>): boolean {
  return remedyId.endsWith(SUFFIX);
}

/** Each line is reminded of once for ever: the reminder has the number of what it reminds of, and so one id. */
export function reminderOf(draft: Draft, { remedyId, n }: Line): Line | null {
  return draft.ofRemedy(remedyId + SUFFIX).find((line) => line.n === n) ?? null;
}

/** The line of money that a reminder is about. */
export function remindedBy(draft: Draft, { remedyId, n }: Line): Line | null {
  return draft.ofRemedy(remedyId.slice(0, -SUFFIX.length)).find((line) => line.n === n) ?? null;
}

/** Asks for the one text that tells of a line of money which nobody has claimed. */
export function remind(entitlement: Entitlement, draft: Draft, line: Line, wordsOf: WordsOfReminder): void {
  if (reminderOf(draft, line) !== null) return;
  const words = wordsOf(entitlement, line);
  if (words === null) return;
  const remedyId = line.remedyId + SUFFIX;
  const reminder: Line = {
    ...UNTOUCHED,
    lineId: lineIdOf(entitlement.breachId, remedyId, line.n),
    remedyId,
    n: line.n,
    kind: 'notice',
    currency: null,
    amountMinor: 1,
    beneficiary: line.beneficiary,
    apologyDay: null, // it names its own sum and reference: no other text of the day stands for it
    route: 'topic',
    quiet: words.quiet ?? null,
    state: words.merged ? 'merged' : 'requested',
    issuedAtMs: draft.atMs,
    details: { nature: line.details.nature, ...explain(line), ...words.details },
  };
  draft.add(reminder);
  if (!words.merged) ask(draft, reminder.lineId);
}

const UNSAID: readonly LineState[] = ['requested', 'failed', 'waiting', 'held', 'merged', 'accepted'];

/** What is unclaimed no more (claimed, paid, owed no longer) need not be reminded of, if nobody was yet. */
export function withdrawReminders(draft: Draft): void {
  for (const reminder of draft.lines.filter(isReminder)) {
    if (!UNSAID.includes(reminder.state) || openOf(reminder) === 0) continue;
    if (remindedBy(draft, reminder)?.state !== 'unclaimed') withdraw(draft, reminder.lineId, 'not-unclaimed');
  }
}

function explain({ lineId }: Line): Pick<Line['details'], 'explanation' | 'reasons'> {
  return {
    explanation: ['There was no way to pay it, and nobody has claimed it since.'],
    reasons: [{ code: 'owed.unclaimed', args: { line: lineId } }],
  };
}
