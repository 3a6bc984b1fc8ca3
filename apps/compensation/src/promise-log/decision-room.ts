import { EvaluationError, UNCLAIMED_BY_DEFAULT, type Guarantee } from '#libs/guarantees';
import type { Sql } from '#libs/persistence';
import type { Rejected } from '#libs/shard-log';
import type { Books } from '../books/books.js';
import { promoteApologies } from '../books/promote-apologies.js';
import { saveBooks } from '../books/save-books.js';
import type { Claim } from '../circumstances/claim.js';
import type { CircumstancesBook } from '../circumstances/circumstances.js';
import type { CountedBreach, Entitlement } from '../entitlement/entitlement.js';
import { OPEN_GATE } from '../entitlement/hold.js';
import { standingOf } from '../entitlement/line.js';
import { correctionOf, isCorrection } from '#libs/remedy-engine';
import { settleEntitlement, type Decision, type DecisionContext } from '../entitlement/settle-entitlement.js';
import { HoldingDesk, type DeskCase } from '../holding/holding-desk.js';
import type { ApologyWriter } from '../words/apology-writer.js';
import type { PromiseUnderTerms } from './judged-promise.js';
import { named, owedNow } from './owed-now.js';

interface KnownTerms {
  /** Terms and verdict of each promise of the books that may be decided anew. */
  readonly known: ReadonlyMap<string, PromiseUnderTerms>;
  /** Of every promise of the books: a database put back knows lines before it reads again why they are owed. */
  readonly guarantees: ReadonlyMap<string, Guarantee>;
}

/** Everything that decisions of one transaction need, read behind locks; it never outlives the transaction. */
export class DecisionRoom {
  readonly rejected: Rejected[] = [];

  constructor(
    readonly books: Books,
    private readonly desk: HoldingDesk,
    private readonly writer: ApologyWriter,
    private readonly circumstances: CircumstancesBook,
    private readonly terms: KnownTerms,
  ) {}

  /**
   * Brings the lines of a promise to what it owes now, and those of other promises about the same subject that give
   * back the same base. @returns why so much is owed, or null where it cannot be computed (a rejected record).
   */
  judge(entitlement: Entitlement, under: PromiseUnderTerms, cancelReason: string): string | null {
    const reasonCode = this.settle(entitlement, under, cancelReason);
    if (reasonCode === null) return null;
    const after = this.books.find(entitlement.promiseId) as Entitlement;
    const others = hasSameStanding(entitlement, after) ? [] : this.othersConcerned(after, under.guarantee);
    this.judgeOthers(others, under.promise.decidedAtMs);
    return reasonCode;
  }

  /** The same without a new verdict: something else has changed. null: nothing is known of it that could be judged. */
  judgeAnew(promiseId: string, atMs: number, cancelReason: string): string | null {
    const entitlement = this.books.find(promiseId);
    const under = this.terms.known.get(promiseId);
    if (!entitlement || !under || entitlement.contentHash === null) return null;
    return this.judge(entitlement, asItStands(under, entitlement, atMs), cancelReason);
  }

  countedBreachOf(promiseId: string): CountedBreach | null {
    return this.desk.countedBreachOf(promiseId);
  }

  claimsAbout(entitlement: Entitlement): Claim[] {
    return this.circumstances.claimsAbout(named(entitlement));
  }

  /**
   * Context of a change that begins otherwise (a settlement): no words are put for it but those that correct others.
   * Without known terms what was overpaid is absorbed.
   */
  contextOf(entitlement: Entitlement, atMs: number, cancelReason: string): DecisionContext {
    const under = this.terms.known.get(entitlement.promiseId);
    if (under) {
      const { wordsOf, ...context } = this.contextUnder(
        asItStands(under, entitlement, atMs),
        entitlement.owed,
        cancelReason,
      );
      return { ...context, wordsOf: (remedy) => (isCorrection(remedy.remedyId) ? wordsOf(remedy) : null) };
    }
    const unclaimed = UNCLAIMED_BY_DEFAULT;
    const unknown = { unclaimed, gate: OPEN_GATE, receivableOf: () => 0, taxOf: () => null, correctionOf: () => null };
    return { atMs, wordsOf: () => null, cancelReason, afterPayment: { kind: 'absorb' }, ...unknown };
  }

  take(entitlement: Entitlement, decision: Decision, atMs: number): void {
    this.books.take(entitlement, decision);
    const guarantee = this.terms.guarantees.get(entitlement.promiseId);
    if (guarantee) this.desk.take(guarantee, decision);
    promoteApologies(this.books, entitlement.lines, decision.lines, atMs);
  }

  async save(shardCount: number, tx: Sql): Promise<void> {
    await saveBooks(this.books, shardCount, tx);
    await this.desk.save(tx);
  }

  private settle(entitlement: Entitlement, under: PromiseUnderTerms, cancelReason: string): string | null {
    const { promise, guarantee } = under;
    const atMs = promise.decidedAtMs;
    try {
      const { lines: owed, reasonCode } = owedNow(
        entitlement,
        { guarantee, data: promise.data, type: promise.type },
        this.books,
        this.circumstances,
      );
      const next = { ...entitlement, owed };
      const decision = settleEntitlement(next, this.contextUnder(under, owed, cancelReason));
      this.books.take(next, decision);
      this.desk.take(guarantee, decision);
      promoteApologies(this.books, entitlement.lines, decision.lines, atMs);
      return reasonCode;
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      const place = `${error.place.file ?? guarantee.file}:${error.place.line}:${error.place.column}`;
      this.rejected.push({
        record: promise.record,
        reason: 'REMEDY_NOT_COMPUTABLE',
        holdsKey: true,
        detail: `${place} ${error.message}`,
      });
      return null;
    }
  }

  private contextUnder(under: PromiseUnderTerms, owed: Entitlement['owed'], cancelReason: string): DecisionContext {
    const { promise, guarantee } = under;
    const atMs = promise.decidedAtMs;
    return {
      atMs,
      wordsOf: (remedy) => this.writer.wordsOf({ promise, guarantee, owed }, remedy, this.books),
      correctionOf: (remedyId) => correctionOf(guarantee, remedyId, promise.data),
      cancelReason,
      unclaimed: guarantee.holding.unclaimed,
      ...this.desk.termsOf(deskCaseOf(under, atMs)),
    };
  }

  private othersConcerned(entitlement: Entitlement, { remedies }: Guarantee): Entitlement[] {
    const inGroup = remedies.some(({ isOncePerGroup }) => isOncePerGroup) ? this.books.groupOf(entitlement) : [];
    return [...new Set([...this.books.siblingsOf(entitlement), ...inGroup])];
  }

  /** What one promise gives back of a base, the others need not; what it does not any more, they may have to. */
  private judgeOthers(others: readonly Entitlement[], atMs: number): void {
    for (const sibling of others) {
      const under = this.terms.known.get(sibling.promiseId);
      if (!under || sibling.contentHash === null) continue;
      this.settle(sibling, asItStands(under, sibling, atMs), 'given-back-otherwise');
    }
  }
}

export function deskCaseOf({ promise, guarantee }: PromiseUnderTerms, decidedAtMs: number): DeskCase {
  return { guarantee, data: promise.data, decidedAtMs };
}

/**
 * The promise by the newest event that has been applied: the batch may have brought several of one promise, and a breach
 * among them may have been taken back by the next.
 */
function asItStands(under: PromiseUnderTerms, { verdict }: Entitlement, atMs: number): PromiseUnderTerms {
  return { ...under, promise: { ...under.promise, data: verdict ?? under.promise.data, decidedAtMs: atMs } };
}

function hasSameStanding(before: Entitlement, after: Entitlement): boolean {
  return JSON.stringify(standingByShare(before)) === JSON.stringify(standingByShare(after));
}

function standingByShare({ lines }: Entitlement): [string, number][] {
  const sums = new Map<string, number>();
  for (const line of lines) {
    const share = line.details.base ?? line.remedyId;
    sums.set(share, (sums.get(share) ?? 0) + standingOf(line));
  }
  return [...sums].filter(([, sum]) => sum > 0).sort(([a], [b]) => (a < b ? -1 : 1));
}
