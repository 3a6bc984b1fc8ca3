import type { PromiseEventData } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import { tellPromise, type Fact, type Judgement } from '#libs/promise-engine';
import type { ShardDatabases } from '#libs/shard-log';
import { ShardTerms } from '../promise-log/shard-terms.js';
import { TermsStore } from '../promise-log/terms-store.js';
import { DocumentWords } from '../promise-log/document-words.js';
import { FROM_PROMISE } from '../promise-log/sql.js';
import { readSubjects } from '../promise-log/word-rows.js';
import { whatWouldChange, type WouldChange } from './what-would-change.js';

/** A promise as it stands: the verdict as it would be announced, what it rests on and what was said when. */
export interface PromiseDetail {
  readonly promise: PromiseEventData;
  readonly facts: readonly {
    id: string;
    source: string;
    type: string;
    occurredAt: string;
    receivedAt: string;
    data: unknown;
  }[];
  readonly timeline: readonly { sequence: number; kind: string; decidedAt: string }[];
  /** What was first promised, how, and what has moved it since. */
  readonly due: {
    readonly firstDueAt: string;
    readonly dueAt: string;
    readonly how: string;
    readonly movedBy: readonly {
      readonly what: string;
      readonly from: string;
      readonly until: string | null;
      readonly reason: string;
    }[];
  };
  /** The nearest fact that gives another verdict; null: none can be named. */
  readonly wouldChange: WouldChange | null;
  readonly correctionEndsAt: string | null;
  readonly rule: { readonly file: string; readonly name: string; readonly version: number };
}

const FIND = `
select s.shard, s.subject, s.doc, c.set_hash as "setHash", coalesce(c.terms_version, 0) as "termsVersion"
${FROM_PROMISE}`;

interface FoundRow {
  readonly shard: number;
  readonly subject: string;
  readonly doc: string;
  readonly setHash: string | null;
  readonly termsVersion: number;
}

export class PromiseDetails {
  private readonly terms = new TermsStore();
  private readonly shardTerms = new ShardTerms();
  private readonly words = new DocumentWords();

  constructor(private readonly databases: ShardDatabases) {}

  /** @returns null when no promise has this id. */
  async find(promiseId: string): Promise<PromiseDetail | null> {
    const answers = await this.databases.askEach<FoundRow>(FIND, [promiseId]);
    const { database, rows: [row] = [] } = answers.of.find(({ rows }) => rows.length > 0) ?? {};
    if (!row || !database) return null;
    const [state] = await readSubjects([row], this.words, database);
    if (!state) return null;
    const terms = {
      ...(await this.terms.load(row.setHash, database)),
      ...(await this.shardTerms.load(row.shard, row.termsVersion, database)),
    };
    const told = tellPromise(state, promiseId, terms);
    if (!told) return null;
    const { record, data, guarantee, judgement } = told;
    return {
      promise: data,
      facts: state.facts.map(factView),
      timeline: record.timeline.map(([sequence, kind, decidedAtMs]) => ({
        sequence,
        kind,
        decidedAt: formatInstant(decidedAtMs),
      })),
      due: dueView(judgement),
      wouldChange: whatWouldChange(record, judgement, guarantee),
      correctionEndsAt: record.windowEndMs === null ? null : formatInstant(record.windowEndMs),
      rule: { file: guarantee.file, name: guarantee.name, version: guarantee.version },
    };
  }
}

function dueView({ deadline, dueAtMs }: Judgement): PromiseDetail['due'] {
  const { firstDueAtMs, due, pauses, repromises, moves } = deadline;
  const until = (untilMs: number): string | null => (Number.isFinite(untilMs) ? formatInstant(untilMs) : null);
  return {
    firstDueAt: formatInstant(firstDueAtMs),
    dueAt: formatInstant(dueAtMs),
    how: due.explain(),
    movedBy: [
      ...pauses.map(({ fromMs, untilMs, reason }) => ({
        what: 'pause',
        from: formatInstant(fromMs),
        until: until(untilMs),
        reason,
      })),
      ...repromises.map(({ atMs, dueAtMs: promisedMs }) => ({
        what: 're-promise',
        from: formatInstant(atMs),
        until: formatInstant(promisedMs),
        reason: 'promised anew',
      })),
      ...(moves.extendMs === 0
        ? []
        : [
            {
              what: 'extension',
              from: formatInstant(firstDueAtMs),
              until: formatInstant(firstDueAtMs + moves.extendMs),
              reason: 'a declared disruption',
            },
          ]),
    ],
  };
}

function factView(fact: Fact): PromiseDetail['facts'][number] {
  const { id, source, type, occurredAtMs, receivedAtMs, data } = fact;
  return { id, source, type, occurredAt: formatInstant(occurredAtMs), receivedAt: formatInstant(receivedAtMs), data };
}
