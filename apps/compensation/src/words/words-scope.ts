import { localDateOf, localText } from '#libs/calendar';
import type { PromiseEventData, Verdict } from '#libs/contracts';
import type { Guarantee } from '#libs/guarantees';
import { describeDuration, formatMoney, parseInstant, type InstantMs } from '#libs/kernel';
import type { OwedRemedy } from '#libs/remedy-engine';

interface Moment {
  /** Local date, `YYYY-MM-DD`, for the filter `day`. */
  readonly date: string;
  /** Local clock, `HH:MM`. */
  readonly time: string;
}

/** What a template may say; every time is read in the promise's zone. */
export interface WordsScope {
  readonly locale: string;
  readonly guarantee: string;
  readonly subject: string;
  /** kept, breached, excused, cancelled; open: nobody knows yet. */
  readonly verdict: Verdict | 'open';
  readonly zone: string;
  readonly due: Moment;
  /** As it was first promised, where something later was promised since; else null. */
  readonly firstDue: Moment | null;
  /** null: not done yet. */
  readonly done: Moment | null;
  /** "2 d 3 h"; null while it is not known. */
  readonly late: string | null;
  readonly money: readonly { readonly kind: string; readonly amount: string; readonly payBy: string | null }[];
  /** 0: none. */
  readonly points: number;
  /** How many apologies the addressee was owed before this one: no sentence twice. */
  readonly turn: number;
}

export function wordsScope(
  data: PromiseEventData,
  guarantee: Guarantee,
  owed: readonly OwedRemedy[],
  to: { readonly locale: string; readonly turn: number },
): WordsScope {
  const zone = guarantee.timeZone;
  const completedAtMs = parseInstant(data.completedAt);
  const firstDueAtMs = parseInstant(data.firstDueAt);
  return {
    locale: to.locale,
    guarantee: guarantee.title,
    subject: data.subject,
    verdict: data.verdict ?? 'open',
    zone,
    due: momentOf(zone, parseInstant(data.dueAt) ?? 0),
    firstDue: firstDueAtMs === null ? null : momentOf(zone, firstDueAtMs),
    done: completedAtMs === null ? null : momentOf(zone, completedAtMs),
    late: data.latenessMs === undefined ? null : describeDuration(data.latenessMs),
    money: owed
      .filter(({ isMoney }) => isMoney)
      .map(({ kind, amountMinor, currency, payByMs }) => ({
        kind,
        amount: formatMoney({ amountMinor, currency: currency as string }),
        payBy: payByMs === undefined ? null : localDateOf(zone, payByMs),
      })),
    points: owed.find(({ kind }) => kind === 'points')?.amountMinor ?? 0,
    turn: to.turn,
  };
}

function momentOf(zone: string, atMs: InstantMs): Moment {
  return { date: localDateOf(zone, atMs), time: localText(zone, atMs, 'minute').time };
}
