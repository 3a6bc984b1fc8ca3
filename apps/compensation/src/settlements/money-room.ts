import type { Sql } from '#libs/persistence';
import type { Rejected } from '#libs/shard-log';
import { ClaimAnswers } from '../circumstances/claim-answers.js';
import type { Concerned } from '../circumstances/save-circumstances.js';
import { DecisionRecords } from '../decisions/decision-records.js';
import { applyDecision } from '../entitlement/apply-decision.js';
import { applySettlement, type Settlement } from '../entitlement/apply-settlement.js';
import type { Entitlement } from '../entitlement/entitlement.js';
import type { Line } from '../entitlement/line.js';
import { ExportRecords } from '../exports/export-records.js';
import { settlementsHeard } from '../metrics.js';
import type { DecisionRoom } from '../promise-log/decision-room.js';
import type { ClaimItem, DecisionItem, MoneyItem, ReturnedItem, SettlementItem } from './read-money-record.js';
import { LOAD_SETTLEMENTS, SAVE_SETTLEMENTS } from './sql.js';

type Applied = Settlement & { readonly eventId: string };

interface Work {
  readonly items: readonly MoneyItem[];
  readonly promiseOf: ReadonlyMap<string, string>;
  readonly concerned: Concerned;
}

/** Applies the items of one batch of `makegood.settlements.v1`, in their order. */
export class MoneyRoom {
  readonly rejected: Rejected[] = [];
  readonly answers: ClaimAnswers;
  private readonly applied: Applied[] = [];
  private readonly exports = new ExportRecords();

  private constructor(
    private readonly room: DecisionRoom,
    private readonly work: Work,
    shardCount: number,
    private readonly settlements: Map<string, Settlement[]>,
    private readonly decisions: DecisionRecords,
  ) {
    this.answers = new ClaimAnswers(shardCount);
  }

  static async open(room: DecisionRoom, work: Work, shardCount: number, tx: Sql): Promise<MoneyRoom> {
    const settled = work.items.flatMap((item) => (item.kind === 'settlement' ? [item.input.lineId] : []));
    const before = settled.length === 0 ? [] : await tx.query<Settlement>(LOAD_SETTLEMENTS, [[...new Set(settled)]]);
    const decided = work.items.filter((item) => item.kind === 'decision');
    const decisions = await DecisionRecords.open(decided, [...new Set(work.promiseOf.values())], tx);
    return new MoneyRoom(
      room,
      work,
      shardCount,
      Map.groupBy(before, ({ lineId }) => lineId),
      decisions,
    );
  }

  apply(item: MoneyItem): void {
    if (item.kind === 'settlement') this.settle(item);
    else if (item.kind === 'decision') this.decide(item);
    else if (item.kind === 'claim') this.claim(item);
    else if (item.kind === 'returned') this.giveBack(item);
  }

  async save(tx: Sql): Promise<void> {
    await saveSettlements(this.applied, tx);
    await this.decisions.save(tx);
    await this.exports.save(tx);
    await this.answers.save(tx);
  }

  private settle({ input, atMs, record, eventId, mark }: SettlementItem): void {
    const entitlement = this.entitlementOf(input.lineId);
    if (!entitlement) return;
    const known = this.settlements.get(input.lineId) ?? [];
    const context = this.room.contextOf(entitlement, atMs, 'owed-less');
    const outcome = applySettlement(entitlement, known, input, context);
    settlementsHeard.inc({ outcome: outcome.kind });
    if (outcome.kind === 'repeated') return;
    const lineIn = (lines: readonly Line[]): Line => lines.find(({ lineId }) => lineId === input.lineId) as Line;
    if (mark) {
      const after = outcome.kind === 'applied' ? lineIn(outcome.decision.lines) : null;
      this.exports.note(mark, lineIn(entitlement.lines), after);
    }
    if (outcome.kind === 'refused') {
      this.rejected.push({ record, reason: outcome.problem.code, detail: outcome.problem.detail });
      return;
    }
    this.room.take(entitlement, outcome.decision, atMs);
    this.applied.push({ ...outcome.settlement, eventId });
    this.settlements.set(input.lineId, [...known, outcome.settlement]);
  }

  private decide({ input, eventId }: DecisionItem): void {
    const entitlement = this.entitlementOf(input.lineId);
    if (!entitlement || this.decisions.isKnown(eventId)) return;
    const { books } = this.room;
    const apologyDay = entitlement.lines.find(({ lineId }) => lineId === input.lineId)?.apologyDay ?? null;
    const outcome = applyDecision(entitlement, input, {
      involved: this.decisions.involvedIn(this.room.claimsAbout(entitlement)),
      apologiesOfDay: apologyDay === null ? [] : books.apologiesOf(apologyDay).map(({ line }) => line),
    });
    this.decisions.note(eventId, input, outcome.kind === 'applied' ? null : outcome.problem);
    if (outcome.kind === 'applied') this.room.take(entitlement, outcome.decision, input.atMs);
  }

  private claim({ claim, eventAtMs }: ClaimItem): void {
    if (!this.work.concerned.fresh.has(claim)) return;
    const promiseIds = this.work.concerned.ofClaim.get(claim) ?? [];
    let isAnswered = false;
    for (const promiseId of promiseIds) {
      // Learned from our own output: answered when its promise is read again.
      if (this.room.books.find(promiseId)?.contentHash === null) isAnswered = true;
      const reasonCode = this.room.judgeAnew(promiseId, eventAtMs, 'owed-less');
      if (reasonCode === null) continue;
      isAnswered = true;
      const entitlement = this.room.books.find(promiseId);
      this.answers.answer(claim, { reasonCode, atMs: eventAtMs, entitlement });
    }
    if (isAnswered) return;
    this.answers.answer(claim, { reasonCode: 'no_breach', atMs: eventAtMs, entitlement: null });
  }

  private giveBack({ returned }: ReturnedItem): void {
    for (const promiseId of this.work.concerned.ofReturned.get(returned) ?? []) {
      this.room.judgeAnew(promiseId, returned.atMs, 'money-returned');
    }
  }

  private entitlementOf(lineId: string): Entitlement | null {
    const promiseId = this.work.promiseOf.get(lineId);
    return promiseId === undefined ? null : this.room.books.find(promiseId);
  }
}

async function saveSettlements(applied: readonly Applied[], tx: Sql): Promise<void> {
  if (applied.length === 0) return;
  const column = <K extends keyof Applied>(key: K): Applied[K][] => applied.map((row) => row[key]);
  await tx.query(SAVE_SETTLEMENTS, [
    column('lineId'),
    column('reference'),
    column('status'),
    column('amountMinor'),
    column('paidAtMs'),
    column('reason'),
    column('eventId'),
  ]);
}
