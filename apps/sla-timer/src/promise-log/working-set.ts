import type { Sql } from '#libs/persistence';
import { newSubject, type PromiseRecord, type SubjectState } from '#libs/promise-engine';
import { DELETE_SUBJECTS, LOAD_DUE, LOAD_SUBJECTS, SAVE_PROMISES, SAVE_SUBJECTS } from './sql.js';

interface SubjectRow {
  readonly subject: string;
  readonly doc: string;
}

/** The subjects that one transaction works on: loaded by two statements, written back by three. */
export class WorkingSet {
  private readonly states = new Map<string, SubjectState>();
  private readonly changed = new Set<string>();
  private readonly changedPromises = new Map<string, { record: PromiseRecord; subject: string }>();
  private readonly stored = new Set<string>();

  constructor(private readonly shard: number) {}

  async loadNamed(subjects: readonly string[], tx: Sql): Promise<void> {
    if (subjects.length === 0) return;
    for (const row of await tx.query<SubjectRow>(LOAD_SUBJECTS, [this.shard, subjects])) this.put(row);
  }

  /** Loads up to `max` subjects that wake before an instant; true when there are more. */
  async loadDue(beforeMs: number, max: number, tx: Sql): Promise<boolean> {
    const rows = await tx.query<SubjectRow>(LOAD_DUE, [this.shard, beforeMs, max + 1]);
    for (const row of rows.slice(0, max)) if (!this.states.has(row.subject)) this.put(row);
    return rows.length > max;
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
    for (const record of next?.promises ?? []) {
      if (!before?.promises.includes(record)) this.changedPromises.set(record.promiseId, { record, subject });
    }
  }

  async save(tx: Sql): Promise<void> {
    const kept = [...this.changed].flatMap((subject) => this.states.get(subject) ?? []);
    const gone = [...this.changed].filter((subject) => !this.states.has(subject) && this.stored.has(subject));
    if (kept.length > 0) {
      await tx.query(SAVE_SUBJECTS, [
        this.shard,
        kept.map((s) => s.subject),
        kept.map((s) => s.wakeAtMs),
        kept.map(encodeSubject).join('\n'),
      ]);
    }
    if (gone.length > 0) await tx.query(DELETE_SUBJECTS, [this.shard, gone]);
    await this.savePromises(tx);
  }

  private async savePromises(tx: Sql): Promise<void> {
    const rows = [...this.changedPromises.values()];
    if (rows.length === 0) return;
    const column = <T>(pick: (record: PromiseRecord) => T): T[] => rows.map(({ record }) => pick(record));
    await tx.query(SAVE_PROMISES, [
      this.shard,
      column((r) => r.promiseId),
      rows.map(({ subject }) => subject),
      column((r) => r.guarantee),
      column((r) => r.version),
      column((r) => r.customer),
      column((r) => r.state),
      column((r) => r.verdict),
      column((r) => r.openedAtMs),
      column((r) => r.dueAtMs),
      column((r) => r.decidedAtMs),
      column((r) => r.sequence),
    ]);
  }

  private put(row: SubjectRow): void {
    this.stored.add(row.subject);
    this.states.set(row.subject, decodeSubject(row));
  }
}

/** A NUL cannot be stored by PostgreSQL; JSON writes it escaped, so a document is always storable. */
function encodeSubject({ facts, promises, notCoveredUntilMs, wakeAtMs }: SubjectState): string {
  return JSON.stringify({ facts, promises, notCoveredUntilMs, wakeAtMs });
}

export function decodeSubject({ subject, doc }: SubjectRow): SubjectState {
  return { subject, ...(JSON.parse(doc) as Omit<SubjectState, 'subject'>) };
}
