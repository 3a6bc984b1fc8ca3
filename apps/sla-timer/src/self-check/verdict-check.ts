import { Inject, Injectable } from '@nestjs/common';
import { formatInstant } from '#libs/kernel';
import type { Database, Sql } from '#libs/persistence';
import type { ShardDatabases } from '#libs/shard-log';
import { disagreementsOf, type Disagreement, type PromiseRecord, type SubjectState } from '#libs/promise-engine';
import { AS_OF_ONE_MOMENT, DATABASES, type CheckedPage, type Finding, type SelfCheck } from '#libs/service';
import { ShardTerms } from '../promise-log/shard-terms.js';
import { DocumentWords } from '../promise-log/document-words.js';
import { ANY_SUBJECT } from '../promise-log/sql.js';
import type { SubjectRow } from '../promise-log/subject-document.js';
import { TermsStore } from '../promise-log/terms-store.js';
import { readSubjects } from '../promise-log/word-rows.js';

interface ShardRow {
  readonly shard: number;
  readonly setHash: string | null;
  readonly termsVersion: number;
}

interface PromiseRow {
  readonly promiseId: string;
  readonly verdict: string | null;
  readonly dueAtMs: number;
  readonly completedAtMs: number | null;
  readonly sequence: number;
}

const SHARDS = `
select shard, set_hash as "setHash", terms_version as "termsVersion" from shard_clock
where shard >= $1 and shard <> all($2::integer[]) order by shard`;
const SHARD = `
select shard, set_hash as "setHash", terms_version as "termsVersion" from shard_clock where shard = $1`;
const SUBJECTS = `select subject, doc from ${ANY_SUBJECT} s where shard = $1 and subject > $2 order by subject limit $3`;
const PROMISES = `
select promise_id as "promiseId", verdict, due_at_ms as "dueAtMs", completed_at_ms as "completedAtMs", sequence
from promise where subject = any($1::text[])`;

/**
 * Verdicts recomputed from facts: each subject's facts are folded anew, and its rows compared with its document. Pages go
 * shard by shard; a cursor is `shard/subject`.
 */
@Injectable()
export class VerdictCheck implements SelfCheck {
  private readonly terms = new TermsStore();
  private readonly shardTerms = new ShardTerms();
  private readonly words = new DocumentWords();

  constructor(@Inject(DATABASES) private readonly databases: ShardDatabases) {}

  async page(cursor: string, limit: number, isMine: (shard: number) => boolean): Promise<CheckedPage> {
    const [, from = '0', after = ''] = /^(\d{1,9})\/(.*)$/s.exec(cursor) ?? [];
    const answers = await this.databases.askEach<ShardRow>(SHARDS, [Number(from)]);
    const [mine, later] = answers.of
      .flatMap(({ database, rows }) => rows.map(({ shard }) => ({ shard, database })))
      .filter(({ shard }) => isMine(shard))
      .sort((a, b) => a.shard - b.shard);
    if (!mine) return { checked: 0, findings: [], next: null };
    const begin = mine.shard === Number(from) ? after : '';
    const { checked, findings, last } = await this.subjectsFrom(mine, begin, limit);
    const next = last === null ? (later ? `${later.shard}/` : null) : `${mine.shard}/${last}`;
    return { checked, findings, next };
  }

  /** @returns as `last` the subject that the next page begins after; null: these were the shard's last */
  private subjectsFrom(
    { shard, database }: { readonly shard: number; readonly database: Database },
    after: string,
    limit: number,
  ): Promise<Omit<CheckedPage, 'next'> & { readonly last: string | null }> {
    return database.transaction(async (tx) => {
      await tx.query(AS_OF_ONE_MOMENT);
      const [found] = await tx.query<ShardRow>(SHARD, [shard]);
      if (!found) return { checked: 0, findings: [], last: null }; // it was moved this moment
      const rows = await tx.query<SubjectRow>(SUBJECTS, [shard, after, limit]);
      const findings = await this.findingsIn(found, await readSubjects(rows, this.words, tx), tx);
      return { checked: rows.length, findings, last: rows.length === limit ? (rows.at(-1)?.subject ?? null) : null };
    });
  }

  private async findingsIn(shard: ShardRow, states: readonly SubjectState[], tx: Sql): Promise<Finding[]> {
    const terms = {
      ...(await this.terms.load(shard.setHash, tx)),
      ...(await this.shardTerms.load(shard.shard, shard.termsVersion, tx)),
    };
    const rows = await tx.query<PromiseRow>(PROMISES, [states.map(({ subject }) => subject)]);
    const rowOf = new Map(rows.map((row) => [row.promiseId, row]));
    return states.flatMap((state) => [
      ...disagreementsOf(state, terms).map((one) => findingOf('verdict-from-facts', one)),
      ...state.promises.flatMap((record) =>
        rowDifferences(record, rowOf.get(record.promiseId)).map((one) => findingOf('promise-row', one)),
      ),
    ]);
  }
}

/** A disagreement, or what a promise's row says otherwise than its record. */
type Difference = Omit<Disagreement, 'what'> & { readonly what: string };

function rowDifferences(record: PromiseRecord, row: PromiseRow | undefined): Difference[] {
  const { promiseId } = record;
  if (!row) return [{ promiseId, what: 'row', found: 'no row', expected: record.verdict }];
  return (['verdict', 'dueAtMs', 'completedAtMs', 'sequence'] as const)
    .filter((what) => row[what] !== record[what])
    .map((what) => ({ promiseId, what, found: row[what], expected: record[what] }));
}

function findingOf(check: string, { promiseId, what, found, expected }: Difference): Finding {
  const text = (value: string | number | null): string =>
    `${what.replace(/Ms$/, '')} ${typeof value === 'number' && what.endsWith('Ms') ? formatInstant(value) : (value ?? 'none')}`;
  const lookAt = `./makegood explain ${promiseId}`;
  return { check, id: promiseId, found: text(found), expected: text(expected), lookAt };
}
