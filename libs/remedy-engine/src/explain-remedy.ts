import type { Reason } from '#libs/contracts';
import type { Guarantee, Remedy, VerdictScope } from '#libs/guarantees';
import { describeDuration, formatInstant, formatMoney, type InstantMs, type Money } from '#libs/kernel';
import { momentText, precisionFor } from './moments.js';
import { DONE_WORDS } from './promise-words.js';

type Args = Record<string, string | number>;

/** `base.freight` alone: what comes back can be called by its name. */
const PLAIN_BASE = /^base\.([A-Za-z][A-Za-z0-9_]*)$/;

/** The miss in words, the same for every remedy of a verdict. */
export interface Cause {
  readonly text: string;
  readonly args: Readonly<Args>;
}

/**
 * One sentence a remedy: the miss, what follows from it with its arithmetic, and where the rule stands. Every amount
 * and time in it is among the arguments of its reason.
 */
export function explainRemedy(
  guarantee: Guarantee,
  remedy: Remedy,
  scope: VerdictScope,
  money: Money | null,
  cause: Cause,
): { explanation: string[]; reasons: Reason[] } {
  const args: Args = { ...cause.args };
  const effect = effectText(remedy, scope, money, args);
  const rule = ruleText(guarantee, remedy, args);
  return { explanation: [`${cause.text}, so ${effect} (${rule}).`], reasons: [{ code: `owed.${remedy.kind}`, args }] };
}

/** By how much it was missed, or, while nobody knows, when it was due. */
export function causeOf(guarantee: Guarantee, scope: VerdictScope, decidedAtMs: InstantMs): Cause {
  const { done, atStart } = DONE_WORDS[guarantee.promiseType];
  if (scope.latenessMs !== null) {
    const lateness = describeDuration(scope.latenessMs);
    return { text: `${atStart} ${lateness} late`, args: { lateness, latenessMs: scope.latenessMs } };
  }
  const precision = precisionFor(Math.max(decidedAtMs - scope.dueAtMs, 1_000));
  const due = momentText(guarantee.timeZone, scope.dueAtMs, precision);
  const args = { due, dueAt: formatInstant(scope.dueAtMs), zone: guarantee.timeZone };
  return { text: `Not ${done} by ${due} (${guarantee.timeZone})`, args };
}

function effectText(remedy: Remedy, scope: VerdictScope, money: Money | null, args: Args): string {
  switch (remedy.kind) {
    case 'refund':
      return `${moneyText(remedy, scope, money, args)} comes back`;
    case 'credit':
      return `${moneyText(remedy, scope, money, args)} is credited`;
    case 'voucher':
      return `a voucher of ${moneyText(remedy, scope, money, args)} follows`;
    case 'points':
      args['points'] = remedy.points ?? 0;
      return `${args['points']} points are credited`;
    case 'apology':
      args['template'] = remedy.template ?? '';
      return `we apologise with "${args['template']}"`;
    case 'notice':
      args['template'] = remedy.template ?? '';
      return `we tell it with "${args['template']}"`;
    case 'gift':
      args['item'] = remedy.item ?? '';
      return `a gift follows: ${args['item']}`;
    case 'callback':
      return 'somebody calls';
    default:
      return remedy.kind satisfies never;
  }
}

function moneyText(remedy: Remedy, scope: VerdictScope, money: Money | null, args: Args): string {
  if (money === null) return '';
  const amount = formatMoney(money);
  Object.assign(args, { amount, amountMinor: money.amountMinor, currency: money.currency });
  const base = plainBaseOf(remedy, scope, money);
  if (base === null || remedy.kind === 'voucher') return amount;
  args['base'] = base;
  return `the ${spoken(base)} of ${amount}`;
}

function ruleText(guarantee: Guarantee, remedy: Remedy, args: Args): string {
  const [first, last] = [remedy.place.line, remedy.endLine];
  const lines = first === last ? `line ${first}` : `lines ${first}-${last}`;
  const file = remedy.place.file ?? guarantee.file;
  Object.assign(args, { file, version: guarantee.version, lines });
  return `${file} v${guarantee.version}, ${lines}`;
}

/** The base that all of the money is: not a part of it, not less what others gave back. */
function plainBaseOf(remedy: Remedy, scope: VerdictScope, money: Money): string | null {
  const name = PLAIN_BASE.exec(remedy.amount?.text ?? '')?.[1];
  return name !== undefined && scope.base[name]?.amountMinor === money.amountMinor ? name : null;
}

/** nightRate → "night rate" */
function spoken(name: string): string {
  return name.replace(/_/g, ' ').replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
}
