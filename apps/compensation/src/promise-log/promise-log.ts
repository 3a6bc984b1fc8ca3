import { breachIdOf, compensationIdOf } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import { NO_EFFECTS, type Effects, type Rejected, type ShardBatch } from '#libs/shard-log';
import type { Books } from '../books/books.js';
import { loadBooks } from '../books/load-books.js';
import { outgoingOf } from '../books/outgoing.js';
import { promoteApologies } from '../books/promote-apologies.js';
import { saveBooks } from '../books/save-books.js';
import type { Entitlement } from '../entitlement/entitlement.js';
import { settleEntitlement } from '../entitlement/settle-entitlement.js';
import { countTold, sequenceConflicts } from '../metrics.js';
import type { GuaranteeTerms } from '../terms/guarantee-terms.js';
import { ApologyWriter } from '../words/apology-writer.js';
import type { TemplateLibrary } from '../words/template-library.js';
import { judgeOwed, type JudgedPromise } from './judge-owed.js';
import { contentHashOf, readPromiseRecord, type PromiseRecord } from './read-promise-record.js';

/** Applies promise events in the order of their sequence and brings every promise's lines to what is owed. */
export class PromiseLog {
  constructor(
    private readonly terms: GuaranteeTerms,
    private readonly templates: TemplateLibrary,
    private readonly shardCount: number,
  ) {}

  /** @returns the effects, and the newest tick of the batch where there was one. */
  async apply(batch: ShardBatch, tx: Sql): Promise<Effects & { readonly tickMs: number | null }> {
    const rejected: Rejected[] = [];
    const promises: PromiseRecord[] = [];
    let tickMs: number | null = null;
    for (const record of batch.records) {
      const read = readPromiseRecord(record);
      if (read.kind === 'tick') tickMs = Math.max(tickMs ?? 0, read.atMs);
      else if (read.kind === 'promise') promises.push(read.promise);
      else if (read.kind === 'rejected') rejected.push(read.rejected);
    }
    if (promises.length === 0) return { ...NO_EFFECTS, rejected, tickMs };
    const judged = await this.judge(promises, rejected, tx);
    const writer = await ApologyWriter.forPromises(judged, this.templates, tx);
    const promiseIds = [...new Set(judged.map(({ promise }) => promise.data.promiseId))];
    const books = await loadBooks(promiseIds, writer.apologyDays, tx);
    for (const one of judged) this.applyOne(one, books, writer, rejected);
    await saveBooks(books, tx);
    countTold(books);
    return {
      outgoing: outgoingOf(books, this.shardCount),
      rejected: [...rejected, ...writer.rejected],
      pending: false,
      tickMs,
    };
  }

  private async judge(promises: readonly PromiseRecord[], rejected: Rejected[], tx: Sql): Promise<JudgedPromise[]> {
    const judged: JudgedPromise[] = [];
    for (const promise of promises) {
      const result = await judgeOwed(promise, this.terms, tx);
      if ('reason' in result) rejected.push(result);
      else judged.push(result);
    }
    return judged;
  }

  private applyOne(judged: JudgedPromise, books: Books, writer: ApologyWriter, rejected: Rejected[]): void {
    const { promise, owed } = judged;
    const { sequence, promiseId } = promise.data;
    const entitlement = books.find(promiseId) ?? (owed.length > 0 ? newEntitlement(promise) : null);
    if (!entitlement || sequence < entitlement.sequence) return;
    const contentHash = contentHashOf(promise);
    if (sequence === entitlement.sequence && entitlement.contentHash !== null) {
      if (entitlement.contentHash === contentHash) return;
      sequenceConflicts.inc();
      const detail = `promise ${promiseId}, sequence ${sequence}: read before with other content`;
      rejected.push({ record: promise.record, reason: 'SEQUENCE_CONFLICT', detail });
      return;
    }
    const next = { ...entitlement, sequence, contentHash, owed };
    const decision = settleEntitlement(next, {
      atMs: promise.decidedAtMs,
      wordsOf: (remedy) => writer.wordsOf(judged, remedy, books),
      cancelReason: cancelReasonOf(promise),
    });
    books.take(next, decision);
    promoteApologies(books, decision.announcements, promise.decidedAtMs);
  }
}

function newEntitlement({ data }: PromiseRecord): Entitlement {
  const { promiseId, guarantee, guaranteeVersion, mode, subject, customer, parties, refs, group } = data;
  return {
    promiseId,
    breachId: data.breachId ?? breachIdOf(promiseId),
    compensationId: compensationIdOf(promiseId),
    sequence: 0,
    contentHash: null,
    owed: [],
    lines: [],
    promise: {
      guarantee,
      guaranteeVersion,
      mode,
      subject,
      customer,
      parties,
      refs,
      ...(group === undefined ? {} : { group }),
    },
  };
}

/** "retracted", "excused", "cancelled"; "owed-less" where the breach stands and grants less than before. */
function cancelReasonOf({ type, data }: PromiseRecord): string {
  return data.verdict === 'breached' ? 'owed-less' : type.slice(type.lastIndexOf('.') + 1);
}
