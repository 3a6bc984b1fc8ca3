import type { PromiseEventData, TaxShare } from '#libs/contracts';
import { EvaluationError, type Guarantee } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import { scopeOf } from '#libs/remedy-engine';
import type { Gate, GateLine, Hold, HoldReason } from '../entitlement/hold.js';
import type { CountedBreach } from '../entitlement/entitlement.js';
import type { Decision, DecisionContext } from '../entitlement/settle-entitlement.js';
import type { TaxedBase } from '../entitlement/tax-shares.js';
import { Breakers, type CountedCase } from './breaker.js';
import { Budgets, pursesOf, type Purse } from './budgets.js';
import { Receivables } from './receivables.js';

/** A promise that lines may be issued for or taken back from now. */
export interface DeskCase {
  readonly guarantee: Guarantee;
  readonly data: PromiseEventData;
  readonly decidedAtMs: InstantMs;
}

/** What a batch of promise events brings up; a breach is counted when it is announced first. */
export type DeskEvent = DeskCase & { readonly isNewBreach: boolean };

type Terms = Pick<DecisionContext, 'gate' | 'afterPayment' | 'receivableOf' | 'taxOf'>;

const TOO_LATE_FLAG = 'OPENED_TOO_LATE';

/**
 * The holding terms of one transaction: counts are read behind locks, used in the order of the decisions, and written
 * with them. Never kept beyond the transaction.
 */
export class HoldingDesk {
  private constructor(
    private readonly budgets: Budgets,
    private readonly breakers: Breakers,
    private readonly receivables: Receivables,
    private readonly routeByDefault: string,
    private readonly counted: ReadonlyMap<string, CountedBreach>,
  ) {}

  /** @param others promises whose lines may change beside those of the events */
  static async open(
    events: readonly DeskEvent[],
    others: readonly DeskCase[],
    routeByDefault: string,
    tx: Sql,
  ): Promise<HoldingDesk> {
    const cases = [...events, ...others];
    const budgets = await Budgets.open(
      cases.flatMap(({ guarantee, data, decidedAtMs }) => pursesOf(guarantee, payeeOf(data), decidedAtMs)),
      tx,
    );
    const breakers = await Breakers.count(events.flatMap(countedCasesOf), tx);
    const offset = cases.filter(({ guarantee }) => guarantee.holding.afterPayment.kind === 'offset');
    const receivables = await Receivables.open(
      offset.map(({ data }) => payeeOf(data)),
      tx,
    );
    return new HoldingDesk(budgets, breakers, receivables, routeByDefault, breachesIn(events));
  }

  /** For what was decided before and is learned again: it is only taken and saved. */
  static forTaking(tx: Sql): Promise<HoldingDesk> {
    return HoldingDesk.open([], [], 'topic', tx);
  }

  /** The promise's breach, if this transaction counts it. */
  countedBreachOf(promiseId: string): CountedBreach | null {
    return this.counted.get(promiseId) ?? null;
  }

  termsOf(one: DeskCase): Terms {
    return {
      gate: this.gateOf(one),
      afterPayment: one.guarantee.holding.afterPayment,
      receivableOf: (beneficiary, currency) => this.receivables.openOf(beneficiary, currency),
      taxOf: (base) => taxedBaseOf(one, base),
    };
  }

  /** Counts what was decided: what is asked for uses up budgets, what is cancelled gives back. */
  take(guarantee: Guarantee, { transfers, lines }: Decision): void {
    const hasBudget = guarantee.holding.budget !== null || guarantee.holding.budgetPerCustomer !== null;
    for (const transfer of transfers) {
      this.receivables.take(transfer);
      if (!hasBudget) continue;
      const sign = SIGN_IN_BUDGET[transfer.reason] ?? 0;
      const line = sign === 0 ? undefined : lines.find(({ lineId }) => lineId === transfer.lineId);
      if (!line) continue;
      for (const purse of pursesOf(guarantee, line.beneficiary, line.issuedAtMs)) {
        if (purse.currency === transfer.currency) this.budgets.add(purse, sign * transfer.amountMinor);
      }
    }
  }

  async save(tx: Sql): Promise<void> {
    await this.budgets.save(tx);
    await this.receivables.save(tx);
  }

  private gateOf(one: DeskCase): Gate {
    const { guarantee, decidedAtMs } = one;
    /** Taken by lines of the same decision, which the desk hears of when it is made. */
    const reserved = new Map<Purse['reason'], number>();
    return {
      holdOf: (line) => {
        const purses = line.isMoney
          ? pursesOf(guarantee, line.beneficiary, decidedAtMs).filter(({ currency }) => currency === line.currency)
          : [];
        const full = purses.filter(
          (purse) => !this.budgets.hasRoom(purse, (reserved.get(purse.reason) ?? 0) + line.amountMinor),
        );
        const [counted] = countedCasesOf({ ...one, isNewBreach: false });
        const reasons = [
          ...(counted !== undefined && this.breakers.isTripped(counted) ? (['breaker'] as const) : []),
          ...reasonsOfLine(one, line),
          ...full.map(({ reason }) => reason),
        ];
        if (reasons.length > 0) return holdOf(one, line, reasons, counted?.region ?? '');
        for (const { reason } of purses) reserved.set(reason, (reserved.get(reason) ?? 0) + line.amountMinor);
        return null;
      },
      routeOf: () => this.routeOf(one),
    };
  }

  private routeOf({ guarantee, data }: DeskCase): string {
    const { route } = guarantee.holding;
    return (
      (route === null ? null : evaluated(() => route.evaluate(scopeOf(guarantee, data, null)))) ?? this.routeByDefault
    );
  }
}

const SIGN_IN_BUDGET: Readonly<Record<string, 1 | -1>> = { requested: 1, cancelled: -1 };

function reasonsOfLine({ guarantee, data }: DeskCase, line: GateLine): HoldReason[] {
  const { approval } = guarantee.holding;
  const needsApproval = line.isMoney && approval !== null && isAbove(line, approval.above);
  const flags = (data as { readonly flags?: readonly string[] }).flags ?? [];
  return [
    ...(needsApproval ? (['approval'] as const) : []),
    ...(flags.includes(TOO_LATE_FLAG) ? (['opened-too-late'] as const) : []),
  ];
}

function holdOf({ guarantee }: DeskCase, line: GateLine, reasons: readonly HoldReason[], region: string): Hold {
  const second = guarantee.holding.approval?.secondAbove ?? null;
  const needsTwo = line.isMoney && second !== null && isAbove(line, second);
  return { reasons, approvalsNeeded: needsTwo ? 2 : 1, approvals: [], region: region === '' ? null : region };
}

/** An amount in another currency than the limit's cannot be compared: it waits for a person. */
function isAbove(line: GateLine, limit: { readonly amountMinor: number; readonly currency: string }): boolean {
  return line.currency !== limit.currency || line.remedyMinor > limit.amountMinor;
}

function countedCasesOf({ guarantee, data, decidedAtMs, isNewBreach }: DeskEvent): CountedCase[] {
  const { breaker } = guarantee.holding;
  if (breaker === null) return [];
  const region = breaker.region;
  const name = region === null ? '' : (evaluated(() => region.evaluate(scopeOf(guarantee, data, null))) ?? '');
  return [{ guarantee: guarantee.name, region: name, decidedAtMs, breaker, isNewBreach }];
}

function breachesIn(events: readonly DeskEvent[]): Map<string, CountedBreach> {
  const counted = new Map<string, CountedBreach>();
  for (const event of events.filter(({ isNewBreach }) => isNewBreach))
    for (const { region, decidedAtMs } of countedCasesOf(event))
      counted.set(event.data.promiseId, { region, decidedAtMs });
  return counted;
}

/** Money goes to the payer, else the customer. */
function payeeOf({ parties }: PromiseEventData): string {
  return parties.payer ?? parties.customer;
}

function taxedBaseOf({ guarantee, data }: DeskCase, base: string): TaxedBase | null {
  const tax = guarantee.holding.tax[base];
  const amount = data.base[base];
  if (tax === undefined || amount === undefined) return null;
  const shares = evaluated(() => tax.evaluate(scopeOf(guarantee, data, null)));
  if (!Array.isArray(shares)) return null;
  return { amountMinor: amount.amountMinor, shares: (shares as unknown[]).filter(isTaxShare) };
}

function isTaxShare(value: unknown): value is TaxShare {
  const { code, rateMicros, amountMinor } = (value ?? {}) as Record<string, unknown>;
  return typeof code === 'string' && Number.isSafeInteger(rateMicros) && Number.isSafeInteger(amountMinor);
}

/** A holding term that cannot be computed from the verdict says nothing; the remedy itself is judged apart. */
function evaluated<T>(compute: () => T): T | null {
  try {
    return compute();
  } catch (error) {
    if (error instanceof EvaluationError) return null;
    throw error;
  }
}
