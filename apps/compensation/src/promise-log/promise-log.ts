import { breachIdOf, compensationIdOf } from '#libs/kernel';
import type { Guarantee } from '#libs/guarantees';
import { hasNotices, noticesOf } from '#libs/remedy-engine';
import type { Sql } from '#libs/persistence';
import { NO_EFFECTS, type Effects, type Rejected, type ShardBatch } from '#libs/shard-log';
import type { Books } from '../books/books.js';
import { loadBooks } from '../books/load-books.js';
import { outgoingOf } from '../books/outgoing.js';
import { ClaimAnswers } from '../circumstances/claim-answers.js';
import { SHARE_CIRCUMSTANCES } from '../circumstances/sql.js';
import type { Entitlement } from '../entitlement/entitlement.js';
import { countTold, sequenceConflicts } from '../metrics.js';
import { ApologyWriter } from '../words/apology-writer.js';
import { ReminderWriter } from '../words/reminder-writer.js';
import type { TemplateLibrary } from '../words/template-library.js';
import type { DecisionRoom } from './decision-room.js';
import { isCorrected, type PromiseUnderTerms } from './judged-promise.js';
import { serviceTimeOf, wakeLines } from '../wakes/wake-lines.js';
import { openRoom, type DecisionMeans } from './open-room.js';
import { concernsNoticesAlone, contentHashOf, readPromiseRecord, type PromiseRecord } from './read-promise-record.js';

/** What one transaction gathers beside the decisions. */
interface Gathered {
  readonly rejected: Rejected[];
  readonly answers: ClaimAnswers;
  readonly newBreaches: ReadonlySet<PromiseRecord>;
}

/** Applies promise events in the order of their sequence and brings every promise's lines to what is owed. */
export class PromiseLog {
  constructor(
    private readonly means: DecisionMeans,
    private readonly templates: TemplateLibrary,
  ) {}

  /** @returns the effects, and the newest tick of the batch where there was one. */
  async apply(batch: ShardBatch, tx: Sql): Promise<Effects & { readonly tickMs: number | null }> {
    const rejected: Rejected[] = [];
    const promises: PromiseRecord[] = [];
    /** The newest tick of the batch before each record. */
    const timeAt = new Map<PromiseRecord, number>();
    let tickMs: number | null = null;
    for (const record of batch.records) {
      const read = readPromiseRecord(record);
      if (read.kind === 'tick') tickMs = Math.max(tickMs ?? 0, read.atMs);
      else if (read.kind === 'promise') {
        if (concernsNoticesAlone(read.promise) && !hasNotices(await this.termsOf(read.promise, tx))) continue;
        promises.push(read.promise);
        if (tickMs !== null) timeAt.set(read.promise, tickMs);
      } else if (read.kind === 'rejected') rejected.push(read.rejected);
    }
    if (promises.length === 0) return { ...NO_EFFECTS, rejected, tickMs };
    await tx.query(SHARE_CIRCUMSTANCES);
    const breached = await this.underTerms(promises.filter(isMiss), tx);
    const takenBack = await this.underTerms(promises.filter(isTakenBack), tx);
    const noticed = takenBack.filter(({ guarantee }) => hasNotices(guarantee));
    const corrected = takenBack.filter(isCorrected);
    const spoken = new Set([...breached, ...corrected, ...noticed]);
    const writer = await ApologyWriter.forPromises([...spoken], this.templates, tx);
    const subjects = breached.map(({ promise }) => promise.data.subject);
    const promiseIds = [...new Set(promises.map(({ data }) => data.promiseId))];
    const groups = breached.flatMap(({ promise, guarantee }) =>
      hasGroupRemedy(guarantee) ? [promise.data.group ?? ''] : [],
    );
    const books = await loadBooks({ promiseIds, subjects, groups, apologyDays: writer.apologyDays }, tx);
    const concerned = [...breached, ...noticed];
    const newBreaches = newBreachesOf(promises, books);
    const events = concerned.map((one) => ({ ...one, isNewBreach: newBreaches.has(one.promise) }));
    const room = await openRoom(books, events, writer, this.means, tx);
    const answers = new ClaimAnswers(this.means.shardCount);
    let timeMs = await serviceTimeOf(batch.shard, tx);
    const untilMs = Math.max(timeMs ?? 0, tickMs ?? 0);
    const { terms } = this.means;
    const reminders = await ReminderWriter.open(books, untilMs, { terms, templates: this.templates }, tx);
    let wokenMs: number | null = null;
    for (const promise of promises) {
      // What was due before this record has happened, whether or not a batch ended in between.
      timeMs = Math.max(timeMs ?? 0, timeAt.get(promise) ?? 0);
      if (timeMs !== wokenMs) wakeLines(books, timeMs, reminders);
      wokenMs = timeMs;
      await this.applyOne(promise, room, { rejected, answers, newBreaches }, tx);
    }
    await room.save(this.means.shardCount, tx);
    await answers.save(tx);
    countTold(books);
    return {
      outgoing: [...answers.outgoing, ...outgoingOf(books, this.means)],
      rejected: [...rejected, ...room.rejected, ...writer.rejected, ...reminders.rejected],
      pending: false,
      tickMs,
    };
  }

  /** @throws ProblemError GUARANTEE_NOT_YET_KNOWN (retryable) */
  private async underTerms(promises: readonly PromiseRecord[], tx: Sql): Promise<PromiseUnderTerms[]> {
    const under: PromiseUnderTerms[] = [];
    for (const promise of promises) {
      under.push({ promise, guarantee: await this.termsOf(promise, tx) });
    }
    return under;
  }

  private termsOf({ data }: PromiseRecord, tx: Sql): Promise<Guarantee> {
    return this.means.terms.find(data.guarantee, data.guaranteeVersion, tx);
  }

  private async applyOne(
    promise: PromiseRecord,
    room: DecisionRoom,
    { rejected, answers, newBreaches }: Gathered,
    tx: Sql,
  ): Promise<void> {
    const { sequence, promiseId } = promise.data;
    const known = room.books.find(promiseId);
    if (known === null && isKept(promise)) return;
    const terms = await this.termsOf(promise, tx);
    const found = known ?? (opensEntitlement(promise, terms) ? newEntitlement(promise) : null);
    if (!found) return;
    const isNewBreach = newBreaches.has(promise);
    const entitlement = isNewBreach ? { ...found, counted: room.countedBreachOf(promiseId) } : found;
    if (sequence < entitlement.sequence) {
      if (isNewBreach) room.books.note(entitlement);
      return;
    }
    const contentHash = contentHashOf(promise);
    if (sequence === entitlement.sequence && entitlement.contentHash !== null) {
      if (entitlement.contentHash === contentHash) return;
      sequenceConflicts.inc();
      const detail = `promise ${promiseId}, sequence ${sequence}: read before with other content`;
      rejected.push({ record: promise.record, reason: 'SEQUENCE_CONFLICT', detail, holdsKey: true });
      return;
    }
    const next = { ...entitlement, sequence, contentHash, verdict: promise.data };
    const reasonCode = room.judge(next, { promise, guarantee: terms }, cancelReasonOf(promise));
    const isLearned = known !== null && known.contentHash === null;
    if (reasonCode === null || !(isNewBreach || isLearned)) return;
    const answer = { reasonCode, atMs: promise.decidedAtMs, entitlement: room.books.find(promiseId) };
    for (const claim of room.claimsAbout(next)) {
      // It was read before this, while the promise was known by our own output alone.
      if (claim.answers === 0) answers.answer(claim, answer);
      else if (isNewBreach || isMiss(promise)) answers.answerAgain(claim, answer);
    }
  }
}

/** An excused miss may still owe something reduced, or what is asked for later. */
function isMiss({ data: { verdict } }: PromiseRecord): boolean {
  return verdict === 'breached' || verdict === 'excused';
}

/** A miss, or something to be told before due. */
function opensEntitlement(promise: PromiseRecord, terms: Guarantee): boolean {
  return isMiss(promise) || (noticesOf(terms, promise.type, promise.data) ?? []).length > 0;
}

function isKept({ data }: PromiseRecord): boolean {
  return data.verdict === 'kept' || data.verdict === 'cancelled';
}

/** A miss may have been told that is none now. */
function isTakenBack(promise: PromiseRecord): boolean {
  return !isMiss(promise) && promise.type !== 'makegood.promise.finalized';
}

function hasGroupRemedy({ remedies }: Guarantee): boolean {
  return remedies.some(({ isOncePerGroup }) => isOncePerGroup);
}

/**
 * Breaches that were not counted before: of copies in one batch the first; and what a restored database knows by its own
 * output alone, unless that has told that it was counted.
 */
function newBreachesOf(promises: readonly PromiseRecord[], books: Books): Set<PromiseRecord> {
  const first = new Map<string, PromiseRecord>();
  for (const promise of promises) {
    const { promiseId, sequence } = promise.data;
    if (promise.type !== 'makegood.promise.breached' || first.has(promiseId)) continue;
    const known = books.find(promiseId);
    if (known === null || (known.counted === null && (known.contentHash === null || sequence > known.sequence)))
      first.set(promiseId, promise);
  }
  return new Set(first.values());
}

function newEntitlement({ data }: PromiseRecord): Entitlement {
  const { promiseId, guarantee, guaranteeVersion, mode, subject, customer, parties, refs, group } = data;
  return {
    promiseId,
    breachId: data.breachId ?? breachIdOf(promiseId),
    compensationId: compensationIdOf(promiseId),
    sequence: 0,
    contentHash: null,
    verdict: null,
    owed: [],
    counted: null,
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
