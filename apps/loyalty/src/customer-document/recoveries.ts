import type { ModelEvent } from '#libs/loyalty-model';
import type { ModelSettings } from '#libs/signals';
import type { CustomerDocument, KnownLine, KnownPromise } from './document.js';

/** What is known of making good for one broken promise. */
export interface LineBook {
  readonly promiseId: string;
  readonly known: KnownPromise;
  readonly brokenAtMs: number;
  readonly settings: ModelSettings;
  readonly settlements: CustomerDocument['settlements'];
}

interface Given {
  readonly line: KnownLine;
  /** When the customer got it, or was told that they would. */
  readonly atMs: number;
  /** Paid long after it was granted. */
  readonly late: boolean;
}

const MONEY: readonly KnownLine['kind'][] = ['refund', 'credit', 'voucher'];
const GOODWILL: readonly KnownLine['kind'][] = ['points', 'gift'];

/**
 * Lines of the same instant are one attempt to make good. Its money is all that was given for this promise up to then, since
 * a later band only tops up. What failed, was reversed or never claimed was not given. A call counts once it was made, as a
 * personal apology; an apology that was sent, as an automatic one.
 */
export function recoveriesOf(book: LineBook): ModelEvent[] {
  const given = givenOf(book);
  const instants = [...new Set(given.map(({ atMs }) => atMs))].sort((a, b) => a - b);
  return instants.map((at): ModelEvent => {
    const now = given.filter(({ atMs }) => atMs === at).map(({ line }) => line);
    const soFar = given.filter(({ atMs }) => atMs <= at);
    const called = now.some(({ kind }) => kind === 'callback');
    const apologised = now.some(({ kind }) => kind === 'apology');
    return {
      id: `${book.promiseId}:recovery:${at}`,
      type: 'recovery.done',
      at: Math.max(at, book.brokenAtMs),
      promiseId: book.promiseId,
      ...moneyOf(book, soFar),
      ...(called || apologised ? { apology: called ? ('personal' as const) : ('auto' as const) } : {}),
      ...(now.some(({ explained }) => explained) ? { explanation: true } : {}),
      initiated: at < (book.known.claimedAtMs ?? Infinity) ? ('company' as const) : ('customer' as const),
    };
  });
}

function givenOf({ known, settlements, settings }: LineBook): Given[] {
  return Object.entries(known.lines).flatMap(([lineId, line]): Given[] => {
    const { kind, standing, requestedAtMs } = line;
    if (!standing || requestedAtMs === null || kind === 'notice') return [];
    const settlement = settlements[lineId];
    if (settlement && settlement.result !== 'settled') return [];
    if (kind === 'callback') return settlement ? [{ line, atMs: settlement.atMs, late: false }] : [];
    const late = settlement !== undefined && settlement.atMs - requestedAtMs > settings.paidWithinMs;
    return [{ line, atMs: requestedAtMs, late: late && MONEY.includes(kind) }];
  });
}

type Money = { compensation?: number; loss?: number; match?: boolean; immediate?: boolean };

/** Compensation and loss in the currency with the largest loss; without a known loss any money is taken as adequate. */
function moneyOf({ known, settings }: LineBook, given: readonly Given[]): Money {
  const money = given.filter(({ line }) => MONEY.includes(line.kind) && line.amount !== null);
  const currencies = [...new Set(money.map(({ line }) => line.amount?.currency ?? ''))].sort();
  const lossIn = (currency: string): number => known.verdict?.lossMinor[currency] ?? 0;
  const [currency] = currencies.sort((a, b) => lossIn(b) - lossIn(a));
  if (currency === undefined) {
    // Points and gifts have no price here: so much of what was lost, and not in kind.
    const isGoodwill = given.some(({ line }) => GOODWILL.includes(line.kind));
    return isGoodwill ? { compensation: settings.goodwillWorth, loss: 1, match: false } : {};
  }
  const counted = money.filter(({ line }) => line.amount?.currency === currency);
  const compensation = counted.reduce((sum, { line }) => sum + (line.amount?.amountMinor ?? 0), 0);
  const loss = lossIn(currency);
  const late = counted.some((each) => each.late) ? { immediate: false } : {};
  const onlyVouchers = counted.every(({ line }) => line.kind === 'voucher');
  return { compensation, ...(loss > 0 ? { loss, match: !onlyVouchers } : {}), ...late };
}
