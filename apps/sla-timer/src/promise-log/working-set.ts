import type { Sql } from '#libs/persistence';
import { newSubject, type PromiseRecord, type SubjectState } from '#libs/promise-engine';
import { saveBuilds, savePromises, type PromiseRow } from './promise-rows.js';
import type { Remembered, ShardMemory } from './shard-memory.js';
import type { DocumentWords, Word } from './document-words.js';
import { encodeSubject, type SubjectRow } from './subject-document.js';
import { ADD_PROMISES, CHANGE_PROMISES, LOAD_DUE, LOAD_SUBJECTS } from './sql.js';
import { changesOf, placeOf, writeSubjects, type Place } from './subject-rows.js';
import { readSubjects, saveWords } from './word-rows.js';

/** What people ask of a promise beside its record, see PromiseRow. */
export type Describe = (state: SubjectState, record: PromiseRecord) => Pick<PromiseRow, 'timeZone' | 'data'>;

interface ChangedPromise {
  readonly record: PromiseRecord;
  readonly state: SubjectState;
  /** It has no row yet: a promise never leaves its subject, and both are written in one transaction. */
  readonly isNew: boolean;
}

interface DueRow extends SubjectRow {
  readonly wakeAtMs: number;
}

/** So many subjects of one transaction are remembered beside those that were remembered before it. */
const NEWS_MAX = 8_000;

/** The subjects that one transaction works on: loaded by two statements, written back by three. */
export class WorkingSet {
  /** What the transaction leaves behind, for the shard's memory once it is committed. */
  readonly news = new Map<string, Remembered>();
  /** Builds of guarantees, and ids of words, that it has written down, for the same. */
  readonly written = new Set<string>();
  private readonly states = new Map<string, SubjectState>();
  private readonly changed = new Set<string>();
  private readonly changedPromises = new Map<string, ChangedPromise>();
  /** Where the rows of subjects lie. */
  private readonly stored = new Map<string, Place>();
  private named: ReadonlySet<string> = new Set();

  constructor(
    private readonly shard: number,
    private readonly memory: ShardMemory,
    private readonly words: DocumentWords,
  ) {}

  /** Loads the subjects that a batch names; they stay loaded until its end. */
  async loadNamed(subjects: ReadonlySet<string>, tx: Sql): Promise<void> {
    this.named = subjects;
    await this.load(subjects, tx);
  }

  async load(subjects: Iterable<string>, tx: Sql): Promise<void> {
    const missing: string[] = [];
    for (const subject of subjects) if (!this.states.has(subject) && !this.recall(subject)) missing.push(subject);
    if (missing.length === 0) return;
    await this.put(await tx.query<SubjectRow>(LOAD_SUBJECTS, [this.shard, missing]), tx);
  }

  /**
   * Loads up to `max` subjects that wake before an instant, in due order.
   * @param fromMs nothing is left that wakes before it; null: not known
   * @returns the instant before which nothing is left once they have fired: `beforeMs`, or less when there are more
   */
  async loadDue(fromMs: number | null, beforeMs: number, max: number, tx: Sql): Promise<number> {
    const rows = await tx.query<DueRow>(LOAD_DUE, [this.shard, beforeMs, max + 1, fromMs ?? 0]);
    const isMissing = ({ subject }: DueRow): boolean => !this.states.has(subject) && !this.recall(subject);
    await this.put(rows.slice(0, max).filter(isMissing), tx);
    return rows[max]?.wakeAtMs ?? beforeMs;
  }

  get(subject: string): SubjectState {
    return this.states.get(subject) ?? newSubject(subject);
  }

  all(): SubjectState[] {
    return [...this.states.values()];
  }

  /** @param next null: nothing is left to remember. */
  set(subject: string, next: SubjectState | null): void {
    const before = this.states.get(subject);
    if (next === before) return;
    this.changed.add(subject);
    if (next === null) this.states.delete(subject);
    else this.states.set(subject, next);
    if (next === null) return;
    for (const record of next.promises) {
      if (before?.promises.includes(record)) continue;
      const { promiseId } = record;
      const isNew =
        this.changedPromises.get(promiseId)?.isNew ?? !before?.promises.some((known) => known.promiseId === promiseId);
      this.changedPromises.set(promiseId, { record, state: next, isNew });
    }
  }

  async save(tx: Sql, describe: Describe): Promise<void> {
    const subjects = [...this.changed].map(
      (subject) => [subject, this.stored.get(subject), this.states.get(subject) ?? null] as const,
    );
    const { open, settled } = changesOf(subjects);
    const encode = (states: readonly SubjectState[]): Promise<string[]> => this.encode(states, tx);
    await writeSubjects(this.shard, 'open', open, encode, tx);
    await writeSubjects(this.shard, 'settled', settled, encode, tx);
    await this.saveRows([...this.changedPromises.values()], describe, tx);
    for (const [subject, before, state] of subjects) {
      if (state !== null) this.stored.set(subject, placeOf(state));
      else this.stored.delete(subject);
      if (state === null && before !== undefined) this.remember(subject, null);
    }
    this.changed.clear();
    this.changedPromises.clear();
  }

  private async saveRows(changed: readonly ChangedPromise[], describe: Describe, tx: Sql): Promise<void> {
    const [fresh, known]: [PromiseRow[], PromiseRow[]] = [[], []];
    for (const { record, state, isNew } of changed) {
      const row = { record, subject: state.subject, ...describe(state, record) };
      (isNew ? fresh : known).push(row);
    }
    for (const build of await saveBuilds([...fresh, ...known], this.isWritten, tx)) this.written.add(build);
    await savePromises(ADD_PROMISES, this.shard, fresh, tx);
    await savePromises(CHANGE_PROMISES, this.shard, known, tx);
  }

  /** Forgets what is saved and not named by the batch: a sweep over many subjects stays within bounds. */
  evict(): void {
    for (const subject of this.states.keys())
      if (!this.named.has(subject) && !this.changed.has(subject)) this.states.delete(subject);
  }

  /** What was saved within this transaction goes before what is remembered from those before it. */
  private recall(subject: string): boolean {
    const known = this.news.has(subject) ? this.news.get(subject)?.state : this.memory.get(subject);
    if (!known) return false;
    this.stored.set(subject, placeOf(known));
    this.states.set(subject, known);
    return true;
  }

  /** What was remembered must never outlive a change; beyond that, as much as there is room for. */
  private remember(subject: string, after: Remembered): void {
    if (this.news.size < NEWS_MAX) this.news.set(subject, after);
    else if (this.memory.has(subject) || this.news.has(subject)) this.news.set(subject, null);
  }

  private async put(rows: readonly SubjectRow[], tx: Sql): Promise<void> {
    for (const state of await readSubjects(rows, this.words, tx)) {
      this.stored.set(state.subject, placeOf(state));
      this.states.set(state.subject, state);
    }
  }

  /** Documents, whose words lie in the database by then; they are remembered as they are written. */
  private async encode(states: readonly SubjectState[], tx: Sql): Promise<string[]> {
    const used = new Set<Word>();
    const docs = states.map((state) => encodeSubject(state, { words: this.words, used }));
    const news = [...used].filter(({ id }) => !this.isWritten(id));
    const written = news.length === 0 ? news : await saveWords(news, this.words, tx);
    for (const { id } of written) this.written.add(id);
    if (written.length < news.length) return this.encode(states, tx); // again, without those that were refused
    states.forEach((state, i) => this.remember(state.subject, { state, chars: (docs[i] as string).length }));
    return docs;
  }

  private readonly isWritten = (what: string): boolean => this.memory.written.has(what) || this.written.has(what);
}
