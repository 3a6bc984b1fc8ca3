import type { RemedyKind, SettlementStatus } from '#libs/contracts';
import { breachIdOf, compensationIdOf, lineIdOf } from '#libs/kernel';
import type { AfterPayment, UnclaimedTerms } from '#libs/guarantees';
import { applyDecision, type DecisionOutcome, type LineDecision } from './apply-decision.js';
import { applySettlement, type Settlement, type SettlementOutcome } from './apply-settlement.js';
import type { Announcement, Transfer } from './draft.js';
import type { Entitlement, PromiseContext } from './entitlement.js';
import { OPEN_GATE, type Gate } from './hold.js';
import { correctionIdOf, type OwedRemedy } from '#libs/remedy-engine';
import { wakeLine } from './wake-line.js';
import { settleEntitlement, type Decision, type Words } from './settle-entitlement.js';

const PLAIN_WORDS: Words = { details: { locale: 'en', title: 't', body: 'b' }, apologyDay: null, merged: false };

/** One promise in a test: what is owed, what finance says, and what came of it. */
export class World {
  readonly announcements: Announcement[] = [];
  readonly transfers: Transfer[] = [];
  readonly settlements: Settlement[] = [];
  wordsOf: (remedy: OwedRemedy) => Words | null = () => PLAIN_WORDS;
  gate: Gate = OPEN_GATE;
  afterPayment: AfterPayment = { kind: 'absorb' };
  afterSent: 'leave' | 'correct' = 'leave';
  receivableMinor = 0;
  unclaimed: UnclaimedTerms = { remindAfterMs: 5_000, claimWithinMs: null };
  private nowMs = 1_000;

  constructor(public entitlement: Entitlement) {}

  remedy(
    remedyId: string,
    amountMinor: number,
    kind: RemedyKind = 'refund',
    currency: string | null = 'BRL',
  ): OwedRemedy {
    const isMoney = currency !== null && currency !== 'XPT';
    return {
      remedyId,
      kind,
      amountMinor,
      currency,
      isMoney,
      nature: 'price-reduction',
      party: 'customer',
      explanation: [],
      reasons: [],
    };
  }

  owe(amountMinor: number): void {
    this.oweAll(amountMinor === 0 ? [] : [this.remedy('postage', amountMinor)]);
  }

  oweAll(owed: OwedRemedy[]): void {
    this.entitlement = { ...this.entitlement, sequence: this.entitlement.sequence + 1, contentHash: 'hash', owed };
    this.take(settleEntitlement(this.entitlement, this.context()));
  }

  settle(
    n: number,
    status: SettlementStatus,
    reference: string,
    rest: { remedyId?: string; amountMinor?: number; paidAtMs?: number; currency?: string; reason?: string } = {},
  ): SettlementOutcome {
    const lineId = lineIdOf(this.entitlement.breachId, rest.remedyId ?? 'postage', n);
    const amount =
      rest.amountMinor === undefined ? null : { amountMinor: rest.amountMinor, currency: rest.currency ?? 'BRL' };
    const known = this.settlements.filter((settlement) => settlement.lineId === lineId);
    const { paidAtMs = this.nowMs, reason = null } = rest;
    const input = { lineId, reference, status, paidAtMs, reason, amount };
    const outcome = applySettlement(this.entitlement, known, input, this.context());
    if (outcome.kind === 'applied') {
      this.settlements.push(outcome.settlement);
      this.take(outcome.decision);
    }
    return outcome;
  }

  told(): string[] {
    return this.announcements.map((a) => {
      const what = 'notice' in a ? a.notice : `${a.line.kind}.${a.action}`;
      const amount = 'notice' in a ? (a.data.amount?.amountMinor ?? a.line.amountMinor) : a.line.amountMinor;
      return `${what} ${a.line.remedyId}#${a.line.n} ${amount} seq ${a.line.lineSequence}`;
    });
  }

  amounts(): number[] {
    return this.entitlement.lines.map(({ amountMinor }) => amountMinor);
  }

  balances(currency = 'BRL'): Record<string, number> {
    const balances: Record<string, number> = {};
    for (const transfer of this.transfers.filter((t) => t.currency === currency)) {
      balances[transfer.debit] = (balances[transfer.debit] ?? 0) + transfer.amountMinor;
      balances[transfer.credit] = (balances[transfer.credit] ?? 0) - transfer.amountMinor;
    }
    return balances;
  }

  private context() {
    this.nowMs += 1_000;
    return {
      atMs: this.nowMs,
      wordsOf: this.wordsOf,
      correctionOf: (remedyId: string) =>
        this.afterSent === 'correct' ? this.remedy(correctionIdOf(remedyId), 0, 'notice', null) : null,
      cancelReason: 'retracted',
      gate: this.gate,
      afterPayment: this.afterPayment,
      unclaimed: this.unclaimed,
      receivableOf: () => this.receivableMinor,
      taxOf: () => null,
    };
  }

  /** One's decision about the n-th line of `postage`, which is as big as the line unless another amount was seen. */
  decide(n: number, verb: LineDecision['verb'], by: string, rest: Partial<LineDecision> = {}): DecisionOutcome {
    const lineId = lineIdOf(this.entitlement.breachId, 'postage', n);
    const line = this.entitlement.lines.find((candidate) => candidate.lineId === lineId);
    const amount = { amountMinor: line?.amountMinor ?? 0, currency: 'BRL' };
    this.nowMs += 1_000;
    const input = { lineId, verb, by, amount, reason: null, atMs: this.nowMs, of: 'line' as const, ...rest };
    const outcome = applyDecision(this.entitlement, input, { involved: new Set(['author']), apologiesOfDay: [] });
    if (outcome.kind === 'applied') this.take(outcome.decision);
    return outcome;
  }

  /** Lets time pass, and moves on what it has made due, in its order. */
  wait(ms: number): void {
    this.nowMs += ms;
    for (;;) {
      const due = this.entitlement.lines
        .filter(({ wakeAtMs }) => wakeAtMs !== null && wakeAtMs <= this.nowMs)
        .toSorted((a, b) => (a.wakeAtMs as number) - (b.wakeAtMs as number))[0];
      if (!due) return;
      this.take(wakeLine(this.entitlement, due.lineId, () => PLAIN_WORDS));
    }
  }

  states(): string[] {
    return this.entitlement.lines.map(({ state }) => state);
  }

  private take(decision: Decision): void {
    this.entitlement = { ...this.entitlement, lines: decision.lines };
    this.announcements.push(...decision.announcements);
    this.transfers.push(...decision.transfers);
  }
}

export function createWorld(promiseId: string, change: Partial<PromiseContext> = {}): World {
  const promise: PromiseContext = {
    guarantee: 'ems-express',
    guaranteeVersion: 1,
    mode: 'live',
    subject: 'EMS-1',
    customer: 'C-1',
    parties: { customer: 'C-1' },
    refs: { item: 'EMS-1' },
    ...change,
  };
  return new World({
    promiseId,
    breachId: breachIdOf(promiseId),
    compensationId: compensationIdOf(promiseId),
    promise,
    sequence: 0,
    contentHash: null,
    verdict: null,
    owed: [],
    counted: null,
    lines: [],
  });
}
