import { POINTS_CURRENCY } from '#libs/kernel';
import { isCorrection, type OwedRemedy } from '#libs/remedy-engine';
import type { OwnEvent } from '../entitlement/line-events.js';
import type { Line } from '../entitlement/line.js';
import { sumStanding } from '../entitlement/take-back.js';

/**
 * What a promise owes as its lines tell it, after one of them was learned. The database had judged the promise's newest event
 * before it was put back, and what changed its lines after that (a claim, money that others gave back) comes again only when that
 * is read again. Lines always sum to what is owed, so they say it: whoever balances meanwhile, because finance has
 * paid one of them, finds nothing missing and nothing too much.
 */
export function owedAsTold(
  owed: readonly OwedRemedy[],
  lines: readonly Line[],
  { lineId }: { readonly lineId: string },
  { party }: OwnEvent,
): readonly OwedRemedy[] {
  const told = lines.find((line) => line.lineId === lineId);
  if (!told || isCorrection(told.remedyId)) return owed; // corrections follow from what was said
  const { remedyId, currency } = told;
  const isOfIt = (one: Pick<Line, 'remedyId' | 'currency'>): boolean =>
    one.remedyId === remedyId && one.currency === currency;
  const standing = sumStanding(lines.filter((line) => isOfIt(line) && line.state !== 'recall-requested'));
  const amountMinor = currency === null ? 0 : standing;
  if (owed.some(isOfIt))
    return owed.flatMap((remedy) => (!isOfIt(remedy) ? remedy : standing > 0 ? { ...remedy, amountMinor } : []));
  return standing > 0 ? [...owed, { ...remedyOf(told, party), amountMinor }] : owed;
}

/** A remedy that nothing was owed of before: as its line describes it. */
function remedyOf({ remedyId, kind, amountMinor, currency, details }: Line, party: OwnEvent['party']): OwedRemedy {
  const { nature, explanation, reasons, base, template } = details;
  const isMoney = currency !== null && currency !== POINTS_CURRENCY;
  return {
    ...{ remedyId, kind, amountMinor, currency, isMoney, nature, party, explanation, reasons },
    ...(base === undefined ? {} : { base }),
    ...(template === undefined ? {} : { template }),
  };
}
