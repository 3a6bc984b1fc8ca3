import { formatInstant } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { rebaseSubject, tellPromise, type SubjectState, type Terms } from '#libs/promise-engine';
import { owed } from '#libs/remedy-engine';
import type { ShardDatabases } from '#libs/shard-log';
import { ShardTerms } from '../promise-log/shard-terms.js';
import { SUBJECTS_OF_GUARANTEE, LOAD_SUBJECTS } from '../promise-log/sql.js';
import { TermsStore } from '../promise-log/terms-store.js';
import { DocumentWords } from '../promise-log/document-words.js';
import type { SubjectRow } from '../promise-log/subject-document.js';
import { readSubjects } from '../promise-log/word-rows.js';

/** What a rebase would do to one promise. */
export interface RebaseChange {
  readonly promiseId: string;
  readonly subject: string;
  readonly customer: string;
  readonly oldDueAt: string;
  readonly newDueAt: string;
  readonly oldVerdict: string | null;
  readonly newVerdict: string | null;
  /** Money that would be owed beyond what is owed now; negative: less. Minor units by currency. */
  readonly money: Readonly<Record<string, number>>;
}

export interface DryRun {
  readonly guarantee: string;
  /** Promises looked at: those that can still change. */
  readonly promises: number;
  readonly changed: number;
  readonly verdictsFlipped: number;
  readonly money: Readonly<Record<string, number>>;
  /** The first of them; `changed` counts all. */
  readonly changes: readonly RebaseChange[];
}

interface ShardRow {
  readonly shard: number;
  readonly shardTimeMs: number;
  readonly setHash: string | null;
  readonly termsVersion: number;
}

const SHARDS = `
select shard, shard_time_ms as "shardTimeMs", set_hash as "setHash", terms_version as "termsVersion"
from shard_clock where shard <> all($1::integer[]) order by shard`;
const SUBJECTS_PER_PAGE = 500;
const CHANGES_MAX = 1_000;

/** Computes what a rebase would change, from copies: nothing is written, nothing announced. */
export class RebaseDryRun {
  private readonly terms = new TermsStore();
  private readonly shardTerms = new ShardTerms();
  private readonly words = new DocumentWords();

  constructor(private readonly databases: ShardDatabases) {}

  async run(guarantee: string): Promise<DryRun> {
    const changes: RebaseChange[] = [];
    const money: Record<string, number> = {};
    let [promises, changed, verdictsFlipped] = [0, 0, 0];
    for (const { database, ...shard } of await this.shards()) {
      const terms = {
        ...(await this.terms.load(shard.setHash, database)),
        ...(await this.shardTerms.load(shard.shard, shard.termsVersion, database)),
      };
      for await (const state of this.subjectsOf(shard.shard, guarantee, database)) {
        for (const { isChanged, change } of compare(state, guarantee, terms, shard.shardTimeMs)) {
          promises += 1;
          if (!isChanged) continue;
          changed += 1;
          if (change.oldVerdict !== change.newVerdict) verdictsFlipped += 1;
          add(money, change.money);
          if (changes.length < CHANGES_MAX) changes.push(change);
        }
      }
    }
    return { guarantee, promises, changed, verdictsFlipped, money, changes };
  }

  private async shards(): Promise<(ShardRow & { readonly database: Database })[]> {
    const answers = await this.databases.askEach<ShardRow>(SHARDS);
    return answers.of
      .flatMap(({ database, rows }) => rows.map((row) => ({ ...row, database })))
      .sort((a, b) => a.shard - b.shard);
  }

  private async *subjectsOf(shard: number, guarantee: string, database: Database): AsyncGenerator<SubjectState> {
    for (let after = ''; ;) {
      const asked = [shard, after, guarantee, SUBJECTS_PER_PAGE];
      const page = await database.query<{ subject: string }>(SUBJECTS_OF_GUARANTEE, asked);
      const names = page.map(({ subject }) => subject);
      const rows = await database.query<SubjectRow>(LOAD_SUBJECTS, [shard, names]);
      yield* await readSubjects(rows, this.words, database);
      const last = names.at(-1);
      if (last === undefined || names.length < SUBJECTS_PER_PAGE) return;
      after = last;
    }
  }
}

function compare(
  state: SubjectState,
  guarantee: string,
  terms: Terms,
  shardTimeMs: number,
): { readonly isChanged: boolean; readonly change: RebaseChange }[] {
  const rebased = rebaseSubject(state, guarantee, terms, shardTimeMs, shardTimeMs).state;
  const open = state.promises.filter((record) => record.guarantee === guarantee && record.state !== 'final');
  return open.flatMap((before) => {
    const after = rebased?.promises.find(({ promiseId }) => promiseId === before.promiseId);
    if (!rebased || !after) return [];
    const money = owedIn(rebased, before.promiseId, terms);
    add(money, owedIn(state, before.promiseId, terms), -1);
    const change: RebaseChange = {
      promiseId: before.promiseId,
      subject: state.subject,
      customer: before.customer,
      oldDueAt: formatInstant(before.dueAtMs),
      newDueAt: formatInstant(after.dueAtMs),
      oldVerdict: before.verdict,
      newVerdict: after.verdict,
      money: Object.fromEntries(Object.entries(money).filter(([, amountMinor]) => amountMinor !== 0)),
    };
    const isChanged =
      before.dueAtMs !== after.dueAtMs || before.verdict !== after.verdict || Object.keys(change.money).length > 0;
    return [{ isChanged, change }];
  });
}

/** Money owed for a promise as it stands; points and words are no money. */
function owedIn(state: SubjectState, promiseId: string, terms: Terms): Record<string, number> {
  const told = tellPromise(state, promiseId, terms);
  const money: Record<string, number> = {};
  if (!told) return money;
  for (const { isMoney, currency, amountMinor } of owed(told.guarantee, told.data, { claim: null, returned: {} }).lines)
    if (isMoney && currency !== null) add(money, { [currency]: amountMinor });
  return money;
}

function add(sums: Record<string, number>, more: Readonly<Record<string, number>>, sign = 1): void {
  for (const [currency, amountMinor] of Object.entries(more))
    sums[currency] = (sums[currency] ?? 0) + sign * amountMinor;
}
