import type { PromiseEventData } from '#libs/contracts';
import type { Guarantee } from '#libs/guarantees';
import { noticesOf, type Owed, type OwedRemedy } from '#libs/remedy-engine';
import type { Books } from '../books/books.js';
import type { CircumstancesBook } from '../circumstances/circumstances.js';
import type { Entitlement } from '../entitlement/entitlement.js';
import { isAnonymous, standingOf, WORD_KINDS } from '../entitlement/line.js';
import { judgeOwed } from './judge-owed.js';

/**
 * What a promise owes beside all that stands for others: the one way from a verdict to an entitlement. Without a verdict it
 * is what is to be told before due: upon this event, or, where it is no occasion, what was to be told before it.
 * @param type of the event that brought the verdict; not given: none is new
 */
export function owedNow(
  entitlement: Entitlement,
  {
    guarantee,
    data,
    type = '',
  }: { readonly guarantee: Guarantee; readonly data: PromiseEventData; readonly type?: string },
  books: Books,
  circumstances: CircumstancesBook,
): Owed {
  const around = circumstances.of(named(entitlement), data.base, books.siblingsOf(entitlement));
  const { lines, ...owed } = judgeOwed(guarantee, data, around);
  const toldBefore = entitlement.owed.filter(({ kind }) => kind === 'notice');
  const due = data.verdict === null ? noticesNow(noticesOf(guarantee, type, data), toldBefore, type) : lines;
  const granted = due
    .filter(({ kind }) => !isAnonymous(data.customer) || !isWords(kind))
    .filter((remedy) => remedy.isOncePerGroup !== true || !isGrantedInGroup(entitlement, remedy.remedyId, books));
  return { ...owed, lines: granted };
}

/** A later promise makes earlier warnings void; else each says something of its own, and stays to be said. */
function noticesNow(
  news: readonly OwedRemedy[] | null,
  before: readonly OwedRemedy[],
  type: string,
): readonly OwedRemedy[] {
  if (news === null || type === 'makegood.promise.rescheduled') return news ?? before;
  return [...before.filter(({ remedyId }) => !news.some((one) => one.remedyId === remedyId)), ...news];
}

export function named({ promiseId, promise }: Entitlement) {
  const { subject, refs, group } = promise;
  return { promiseId, subject, refs, ...(group === undefined ? {} : { group }) };
}

function isGrantedInGroup(entitlement: Entitlement, remedyId: string, books: Books): boolean {
  const lines = books.groupOf(entitlement).flatMap((other) => other.lines);
  return lines.some((line) => line.remedyId === remedyId && line.state !== 'shadow' && standingOf(line) > 0);
}

function isWords(kind: (typeof WORD_KINDS)[number]): boolean {
  return WORD_KINDS.includes(kind);
}
