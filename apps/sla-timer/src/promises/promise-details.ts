import type { PromiseEventData } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { tellPromise, type Fact } from '#libs/promise-engine';
import { TermsStore } from '../promise-log/terms-store.js';
import { decodeSubject } from '../promise-log/subject-document.js';

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
  readonly correctionEndsAt: string | null;
  readonly rule: { readonly file: string; readonly name: string; readonly version: number };
}

const FIND = `
select s.subject, s.doc, c.set_hash as "setHash"
from promise p join subject s on s.shard = p.shard and s.subject = p.subject left join shard_clock c on c.shard = p.shard
where p.promise_id = $1`;

export class PromiseDetails {
  private readonly terms = new TermsStore();

  constructor(private readonly database: Database) {}

  /** @returns null when no promise has this id. */
  async find(promiseId: string): Promise<PromiseDetail | null> {
    const [row] = await this.database.query<{ subject: string; doc: string; setHash: string | null }>(FIND, [
      promiseId,
    ]);
    if (!row) return null;
    const state = decodeSubject(row);
    const terms = await this.terms.load(row.setHash, this.database);
    const told = tellPromise(state, promiseId, terms);
    if (!told) return null;
    const { record, data, guarantee } = told;
    return {
      promise: data,
      facts: state.facts.map(factView),
      timeline: record.timeline.map(([sequence, kind, decidedAtMs]) => ({
        sequence,
        kind,
        decidedAt: formatInstant(decidedAtMs),
      })),
      correctionEndsAt: record.windowEndMs === null ? null : formatInstant(record.windowEndMs),
      rule: { file: guarantee.file, name: guarantee.name, version: guarantee.version },
    };
  }
}

function factView(fact: Fact): PromiseDetail['facts'][number] {
  const { id, source, type, occurredAtMs, receivedAtMs, data } = fact;
  return { id, source, type, occurredAt: formatInstant(occurredAtMs), receivedAt: formatInstant(receivedAtMs), data };
}
