import { Inject, Injectable } from '@nestjs/common';
import { CONTROL_TYPES, type GuaranteesActivatedData } from '#libs/contracts';
import { EvaluationError } from '#libs/guarantees';
import { counter } from '#libs/observability';
import type { Sql } from '#libs/persistence';
import { decideOnFact, fireDue, takeIn, type Announcement, type Terms } from '#libs/promise-engine';
import { SERVICE_OPTIONS, type ServiceOptions } from '#libs/service';
import {
  advanceShardClock,
  INITIAL_SHARD_CLOCK,
  type Effects,
  type Rejected,
  type ShardBatch,
  type ShardClock,
  type ShardProcessor,
} from '#libs/shard-log';
import type { LogRecord } from '#libs/messaging';
import type { SlaTimerEnvironment } from '../config.js';
import { recordsOf } from './announce.js';
import { factOf, hear, type Heard } from './read-record.js';
import { COUNT_MORE, LOAD_CLOCK, SAVE_CLOCK } from './sql.js';
import { TermsStore } from './terms-store.js';
import { WorkingSet } from './working-set.js';

/** So many subjects fire in one transaction; more wait for the next, in turn with input. */
const DUE_PER_TRANSACTION_MAX = 2_000;

const announced = counter('makegood_promise_events_total', 'Promise events decided, by kind', ['kind']);

/** What one transaction of one shard knows and has decided so far. */
interface Turn {
  readonly shard: number;
  clock: ShardClock;
  setHash: string | null;
  terms: Terms;
  readonly subjects: WorkingSet;
  readonly announcements: Announcement[];
  readonly rejected: Rejected[];
  readonly counts: Map<string, number>;
}

/** From facts and ticks to verdicts: reads `makegood.events.v1`, decides with the promise engine, announces. */
@Injectable()
export class PromiseLogProcessor implements ShardProcessor {
  private readonly terms = new TermsStore();
  private readonly environment: SlaTimerEnvironment;

  constructor(@Inject(SERVICE_OPTIONS) options: ServiceOptions) {
    this.environment = options.environment as SlaTimerEnvironment;
  }

  async apply(batch: ShardBatch, tx: Sql): Promise<Effects> {
    const heard = batch.records.map((record) => ({ record, heard: hear(record) }));
    const turn = await this.begin(batch.shard, tx);
    await turn.subjects.loadNamed(subjectsIn(heard.map((each) => each.heard)), tx);
    for (const { record, heard: what } of heard) await this.take(turn, record, what, tx);
    return this.fireAndSave(turn, tx);
  }

  async drain(shard: number, tx: Sql): Promise<Effects> {
    return this.fireAndSave(await this.begin(shard, tx), tx);
  }

  private async begin(shard: number, tx: Sql): Promise<Turn> {
    const [row] = await tx.query<ShardClock & { setHash: string | null }>(LOAD_CLOCK, [shard]);
    const { setHash, ...clock } = row ?? { ...INITIAL_SHARD_CLOCK, setHash: null };
    const terms = await this.terms.load(setHash, tx);
    return {
      shard,
      clock,
      setHash,
      terms,
      subjects: new WorkingSet(shard),
      announcements: [],
      rejected: [],
      counts: new Map(),
    };
  }

  private async take(turn: Turn, record: LogRecord, heard: Heard, tx: Sql): Promise<void> {
    switch (heard.kind) {
      case 'tick':
        turn.clock = advanceShardClock(turn.clock, heard);
        return;
      case 'unreadable':
        turn.rejected.push({ record, reason: heard.reason, detail: heard.detail });
        return;
      case 'event':
        if (heard.event.type === CONTROL_TYPES.guaranteesActivated) return this.activate(turn, heard.event.data, tx);
        if (turn.terms.names(heard.event.type)) return this.takeFact(turn, record, heard);
        return count(turn, 'facts-of-no-guarantee');
      default:
        throw new Error(`unknown record ${JSON.stringify(heard satisfies never)}`);
    }
  }

  private async activate(turn: Turn, data: unknown, tx: Sql): Promise<void> {
    const activated = data as GuaranteesActivatedData;
    await this.terms.activate(activated, tx);
    turn.setHash = activated.setHash;
    turn.terms = await this.terms.load(activated.setHash, tx);
  }

  private takeFact(turn: Turn, record: LogRecord, { event, receivedAtMs }: Heard & { kind: 'event' }): void {
    const { subjects, terms, clock } = turn;
    const fact = factOf(event, receivedAtMs);
    if ('reason' in fact) return void turn.rejected.push({ record, ...fact });
    // What was due before this record's place in the log is decided without it.
    this.fire(turn, fact.subject);
    const state = subjects.get(fact.subject);
    const taken = takeIn(state, fact);
    if (taken.kind === 'repeated') return count(turn, 'facts-repeated');
    if (taken.kind === 'refused')
      return void turn.rejected.push({ record, reason: taken.reason, detail: taken.detail });
    try {
      const decided = decideOnFact(taken.state, fact, terms, clock.shardTimeMs);
      subjects.set(fact.subject, decided.state);
      turn.announcements.push(...decided.announcements);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      // The fact lacks what the guarantee reads: it goes to the dead letters alone, its subject stays as it was.
      turn.rejected.push({
        record,
        reason: 'FACT_NOT_EVALUABLE',
        detail: `${error.message} (line ${error.place.line})`,
      });
    }
  }

  private fire(turn: Turn, subject: string): void {
    const decided = fireDue(turn.subjects.get(subject), turn.terms, turn.clock.shardTimeMs);
    if (decided.state === null) count(turn, 'subjects-expired');
    turn.subjects.set(subject, decided.state);
    turn.announcements.push(...decided.announcements);
  }

  private async fireAndSave(turn: Turn, tx: Sql): Promise<Effects> {
    const { shard, subjects, clock } = turn;
    const pending = await subjects.loadDue(clock.shardTimeMs, DUE_PER_TRANSACTION_MAX, tx);
    for (const { subject } of subjects.all()) this.fire(turn, subject);
    await subjects.save(tx);
    await tx.query(SAVE_CLOCK, [shard, clock.shardTimeMs, clock.lastTickMs, clock.heldUntilMs, turn.setHash]);
    if (turn.counts.size > 0) await tx.query(COUNT_MORE, [shard, [...turn.counts.keys()], [...turn.counts.values()]]);
    for (const { kind } of turn.announcements) announced.inc({ kind });
    return {
      outgoing: recordsOf(
        turn.announcements,
        this.environment.MAKEGOOD_PROMISES_TOPIC,
        this.environment.MAKEGOOD_SHARDS,
      ),
      rejected: turn.rejected,
      pending,
    };
  }
}

function subjectsIn(heard: readonly Heard[]): string[] {
  return [...new Set(heard.flatMap((what) => (what.kind === 'event' ? [what.event.subject] : [])))];
}

function count(turn: Turn, what: string): void {
  turn.counts.set(what, (turn.counts.get(what) ?? 0) + 1);
}
