import type { Reason } from '#libs/contracts';
import { amountText, type Guarantee, type Place, type Remedy, type VerdictScope } from '#libs/guarantees';
import { formatInstant, type InstantMs } from '#libs/kernel';
import type { ReasonCode } from './circumstances.js';
import type { Cause } from './explain-remedy.js';
import { claimDeadlineMs } from './gates.js';
import { momentText } from './moments.js';

type Args = Record<string, string | number>;

/** Why nothing is owed for a breach, in one sentence with the rule's place; every amount and time among its arguments. */
export function explainNothing(
  guarantee: Guarantee,
  scope: VerdictScope,
  reasonCode: ReasonCode,
  cause: Cause,
): { explanation: string[]; reasons: Reason[] } {
  const args: Args = { ...cause.args };
  const because = becauseOf(guarantee, scope, reasonCode, args);
  const { line, file = guarantee.file } = placeOf(guarantee, scope, reasonCode);
  Object.assign(args, { file, version: guarantee.version, line });
  const text = `${cause.text}, but nothing is owed: ${because} (${file} v${guarantee.version}, line ${line}).`;
  return { explanation: [text], reasons: [{ code: `nothing.${reasonCode}`, args }] };
}

function becauseOf(guarantee: Guarantee, scope: VerdictScope, reasonCode: ReasonCode, args: Args): string {
  switch (reasonCode) {
    case 'excused':
      args['excuse'] = scope.excuse ?? '';
      return scope.excuse === null ? 'it is excused' : `excused as ${scope.excuse}`;
    case 'exempt_notice':
      return 'notice was given in time';
    case 'alternative_accepted':
      return 'an alternative was accepted';
    case 'cured':
      return 'it was put right in time';
    case 'not_covered':
      return 'it is outside this guarantee';
    case 'suspended':
      return 'this guarantee rested at that time';
    case 'claim_missing':
      return 'it is paid on request, and nobody asked';
    case 'claim_late':
      return claimLate(guarantee, scope, args);
    case 'below_minimum':
      return belowMinimum(guarantee, scope, args);
    case 'no_whole_period':
      return 'no period from which on this guarantee pays has passed';
    case 'pending':
      return 'how late it is will be known once it is done';
    default:
      return 'others have given it back already';
  }
}

function claimLate(guarantee: Guarantee, scope: VerdictScope, args: Args): string {
  const moment = (name: string, atMs: InstantMs): string => {
    args[name] = momentText(guarantee.timeZone, atMs, 'second');
    args[`${name}At`] = formatInstant(atMs);
    return String(args[name]);
  };
  const deadlineMs = claimDeadlineMs(guarantee, scope);
  if (scope.claim === null || deadlineMs === null) return 'it was asked for too late';
  args['zone'] = guarantee.timeZone;
  const asked = moment('claimed', scope.claim.atMs);
  return `asked for on ${asked}, after ${moment('claimUntil', deadlineMs)} (${guarantee.timeZone})`;
}

function belowMinimum(guarantee: Guarantee, scope: VerdictScope, args: Args): string {
  const minimum = smallestPaid(guarantee)?.minimum ?? null;
  if (minimum === null) return 'it is less than is paid';
  args['minimum'] = amountText(minimum.amount.evaluate(scope));
  return minimum.test === 'over'
    ? `only more than ${args['minimum']} is paid`
    : `less than ${args['minimum']} is not paid`;
}

/** The first remedy that has a minimum. */
const smallestPaid = ({ remedies }: Guarantee): Remedy | undefined => remedies.find(({ minimum }) => minimum !== null);

/** Where the term stands that decided. */
function placeOf(guarantee: Guarantee, scope: VerdictScope, reasonCode: ReasonCode): Place {
  const { exempt, claim, suspended } = guarantee.remedyTerms;
  const exemption = exempt.find(({ code }) => code === reasonCode);
  if (exemption !== undefined) return exemption.place;
  const excuse = reasonCode === 'excused' ? guarantee.excuses.find(({ code }) => code === scope.excuse) : undefined;
  const decided =
    reasonCode.startsWith('claim_') && claim !== null
      ? claim
      : reasonCode === 'suspended'
        ? suspended[0]
        : reasonCode === 'below_minimum'
          ? smallestPaid(guarantee)
          : (excuse ?? guarantee.remedies[0]);
  return (decided ?? guarantee.due).place;
}
