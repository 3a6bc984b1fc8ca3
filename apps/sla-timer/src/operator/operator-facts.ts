import { Inject, Injectable } from '@nestjs/common';
import { SOURCES, type OperatorFactData, type OperatorFactEvent } from '#libs/contracts';
import { formatInstant, nameIdOf } from '#libs/kernel';
import { BY_HAND_TYPE, type SubjectState } from '#libs/promise-engine';
import { DATABASES, HttpProblem } from '#libs/service';
import type { ShardDatabases } from '#libs/shard-log';
import { CommandLog } from '../commands/command-log.js';
import { DocumentWords } from '../promise-log/document-words.js';
import { FROM_PROMISE } from '../promise-log/sql.js';
import type { SubjectRow } from '../promise-log/subject-document.js';
import { readSubjects } from '../promise-log/word-rows.js';

export interface Entered {
  /** Id of the fact. */
  readonly id: string;
  /** False when sla-timer has not read it within the wait: it is in the log and will be. */
  readonly applied: boolean;
}

interface Found {
  readonly subject: string;
  readonly facts: SubjectState['facts'];
  readonly state: string;
  readonly shardTimeMs: number;
}

const FIND = `
select s.subject, s.doc, p.state, coalesce(c.shard_time_ms, 0) as "shardTimeMs"
${FROM_PROMISE}`;

/** What people say of a promise: facts, decisions and acknowledgements, under their name, through the log. */
@Injectable()
export class OperatorFacts {
  private readonly words = new DocumentWords();

  constructor(
    @Inject(DATABASES) private readonly databases: ShardDatabases,
    @Inject(CommandLog) private readonly log: CommandLog,
  ) {}

  /**
   * @param occurredAt null: as of the shard's time, which is what a decision takes.
   * @throws HttpProblem 404 without such a promise, 409 when a decision is asked for and none is open
   */
  async enter(data: OperatorFactData, occurredAt: string | null, key: string): Promise<Entered> {
    const found = await this.find(data.promiseId);
    if (data.as === 'decided' && found.state !== 'unknown') {
      const id = nameIdOf('operator-fact', data.promiseId, key);
      if (hasFact(found, id)) return { id, applied: true };
      throw new HttpProblem(409, {
        code: 'NOT_UNKNOWN',
        detail: `only an unknown promise is decided by hand; this one is ${found.state}`,
        advice: 'enter a fact instead: POST /promises/{id}/facts',
      });
    }
    const id = nameIdOf('operator-fact', data.promiseId, key);
    const event: OperatorFactEvent = {
      specversion: '1.0',
      id,
      source: SOURCES.operator,
      type: BY_HAND_TYPE,
      subject: found.subject,
      time: occurredAt ?? formatInstant(found.shardTimeMs),
      data,
    };
    if (!hasFact(found, id)) await this.log.tellSubject(event);
    const applied = await this.log.isApplied(async () => hasFact(await this.find(data.promiseId), id));
    return { id, applied };
  }

  private async find(promiseId: string): Promise<Found> {
    const answers = await this.databases.askEach<Omit<Found, 'facts'> & SubjectRow>(FIND, [promiseId]);
    for (const { database, rows } of answers.of) {
      const [row] = rows;
      const [known] = row ? await readSubjects([row], this.words, database) : [];
      if (row && known) return { ...row, facts: known.facts };
    }
    throw new HttpProblem(404, {
      code: 'PROMISE_UNKNOWN',
      detail: `no promise has the id ${promiseId.slice(0, 50)}`,
      advice: 'look it up by subject: GET /promises?subject=…',
    });
  }
}

function hasFact(found: Found, id: string): boolean {
  return found.facts.some((fact) => fact.source === SOURCES.operator && fact.id === id);
}
