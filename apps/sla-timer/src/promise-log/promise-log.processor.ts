import { Inject, Injectable } from '@nestjs/common';
import {
  CONTROL_TYPES,
  copiedAtOf,
  LETTER_TYPE,
  type CopiedAt,
  type GuaranteesActivatedData,
  type LetterData,
} from '#libs/contracts';
import { EvaluationError } from '#libs/guarantees';
import { ProblemError } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import { decideOnFact, factOf, takeIn } from '#libs/promise-engine';
import { SERVICE_OPTIONS, type ServiceOptions } from '#libs/service';
import {
  advanceShardClock,
  deadLetterIdOf,
  INITIAL_SHARD_CLOCK,
  NO_EFFECTS,
  type Effects,
  type ShardBatch,
  type ShardClock,
  type ShardProcessor,
} from '#libs/shard-log';
import type { SlaTimerEnvironment } from '../config.js';
import { inOrderOfDecision, toldOf } from './announce.js';
import { applyCommand, isCommand } from './commands.js';
import { measure } from '../metrics.js';
import { DocumentWords } from './document-words.js';
import { hearLetter } from './letters.js';
import { saveOrphans } from './orphans.js';
import { hear, type Heard } from './read-record.js';
import { ShardMemories, type ShardPosition } from './shard-memory.js';
import { ShardTerms } from './shard-terms.js';
import { hearSilence } from './silences.js';
import { COUNT_MORE, LOAD_CLOCK, SAVE_CLOCK } from './sql.js';
import { describeFor, DUE_PER_TRANSACTION_MAX } from './sweep.js';
import { TermsStore } from './terms-store.js';
import { count, decide, fire, type Turn } from './turn.js';
import { WorkingSet } from './working-set.js';

interface ClockRow extends ShardClock {
  readonly setHash: string | null;
  readonly termsVersion: number;
}

/** From facts and ticks to verdicts: reads `makegood.events.v1`, decides with the promise engine, announces. */
@Injectable()
export class PromiseLogProcessor implements ShardProcessor {
  private readonly terms = new TermsStore();
  private readonly shardTerms = new ShardTerms();
  private readonly words = new DocumentWords();
  private readonly memories: ShardMemories;
  private readonly environment: SlaTimerEnvironment;

  constructor(@Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions) {
    this.environment = options.environment as SlaTimerEnvironment;
    this.memories = new ShardMemories(this.environment.MAKEGOOD_SHARDS);
  }

  async apply({ shard, records }: ShardBatch, tx: Sql): Promise<Effects> {
    const heard = records.map(hear);
    const turn = await this.begin(shard, tx);
    await turn.subjects.loadNamed(subjectsIn(heard), tx);
    for (let i = 0; i < records.length; i++) {
      const taken = this.take(turn, records[i] as LogRecord, heard[i] as Heard, tx);
      if (taken !== null) await taken; // facts have nothing to wait for
    }
    return this.fireAndSave(turn, tx);
  }

  /** The claim is lost, or the fate of its last commit is unknown. */
  forget(shard: number): void {
    this.memories.forget(shard);
  }

  async drain(shard: number, tx: Sql): Promise<Effects> {
    return this.fireAndSave(await this.begin(shard, tx), tx);
  }

  /** A record that failed by itself is a letter of its subject, like those that were refused in words. */
  async bury(shard: number, record: LogRecord, tx: Sql): Promise<Effects> {
    const heard = hear(record);
    const turn = await this.begin(shard, tx);
    if (heard.kind !== 'event' || !turn.terms.names(heard.event.type)) return NO_EFFECTS;
    await turn.subjects.loadNamed(new Set([heard.event.subject]), tx);
    try {
      this.letterOf(turn, record, heard);
    } catch {
      return NO_EFFECTS; // what made the record fail is in its subject: the letter alone tells of it
    }
    return this.save(turn, false, tx);
  }

  private async begin(shard: number, tx: Sql): Promise<Turn> {
    const { MAKEGOOD_PROMISES_TOPIC, MAKEGOOD_SHARDS } = this.environment;
    const memory = this.memories.of(shard);
    const { clock, setHash, termsVersion, firedBeforeMs } = memory.position ?? (await loadPosition(shard, tx));
    const terms = {
      ...(await this.terms.load(setHash, tx)),
      ...(await this.shardTerms.load(shard, termsVersion, tx)),
    };
    return {
      shard,
      memory,
      clock,
      timesMs: null,
      setHash,
      termsVersion,
      firedBeforeMs,
      terms,
      subjects: new WorkingSet(shard, memory, this.words),
      announce: (announcement) => toldOf(announcement, MAKEGOOD_PROMISES_TOPIC, MAKEGOOD_SHARDS),
      announced: [],
      verdicts: new Map(),
      rejected: [],
      counts: new Map(),
      orphans: [],
      latenessesMs: [],
    };
  }

  /** null: done without anything to wait for. */
  private take(turn: Turn, record: LogRecord, heard: Heard, tx: Sql): Promise<void> | null {
    switch (heard.kind) {
      case 'tick': {
        const beforeMs = turn.clock.lastTickMs;
        if (heard.copiedAt !== null) return this.takeCopiedTick(turn, heard, heard.copiedAt, tx);
        if (beforeMs !== null && heard.atMs <= beforeMs) return null;
        turn.clock = advanceShardClock(turn.clock, heard);
        return hearSilence(turn, { ...heard, beforeMs }, this.shardTerms, tx);
      }
      case 'unreadable':
        turn.rejected.push({ record, reason: heard.reason, detail: heard.detail });
        return null;
      case 'event':
        if (!turn.terms.names(heard.event.type)) return this.takeEvent(turn, record, heard, tx);
        this.takeFact(turn, record, heard);
        return null;
      default:
        throw new Error(`unknown record ${JSON.stringify(heard satisfies never)}`);
    }
  }

  /** Says what the shard that it was copied from knew of time after it. */
  private async takeCopiedTick(
    turn: Turn,
    heard: Heard & { kind: 'tick' },
    { shardTimeMs, heldUntilMs, timesMs }: CopiedAt,
    tx: Sql,
  ): Promise<void> {
    const beforeMs = turn.clock.lastTickMs;
    turn.clock = { shardTimeMs: shardTimeMs ?? heard.atMs, lastTickMs: heard.atMs, heldUntilMs: heldUntilMs ?? null };
    turn.timesMs = timesMs ?? null;
    await hearSilence(turn, { ...heard, beforeMs }, this.shardTerms, tx);
    this.leaveCopied(turn);
  }

  private async takeEvent(turn: Turn, record: LogRecord, heard: Heard & { kind: 'event' }, tx: Sql): Promise<void> {
    const { event } = heard;
    if (event.type === CONTROL_TYPES.guaranteesActivated) return this.activate(turn, event.data, tx);
    if (event.type === LETTER_TYPE)
      return hearLetter(turn, event.subject, event.data as unknown as LetterData, heard.receivedAtMs);
    if (!isCommand(event.type)) return count(turn, 'facts-of-no-guarantee');
    turn.timesMs = copiedAtOf(record.headers)?.timesMs ?? null;
    try {
      await applyCommand(turn, event, this.shardTerms, tx);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.retryable) throw error;
      turn.rejected.push({ record, reason: error.problem.code, detail: error.problem.detail });
    } finally {
      this.leaveCopied(turn);
    }
  }

  /** Back to one time for all; subjects that were decided at times of their own may wake before it. */
  private leaveCopied(turn: Turn): void {
    if (turn.timesMs !== null) turn.firedBeforeMs = null;
    turn.timesMs = null;
  }

  private async activate(turn: Turn, data: unknown, tx: Sql): Promise<void> {
    const activated = data as GuaranteesActivatedData;
    await this.terms.activate(activated, tx);
    turn.setHash = activated.setHash;
    const { disruptions, silences } = turn.terms;
    turn.terms = { ...(await this.terms.load(activated.setHash, tx)), disruptions, silences };
  }

  private takeFact(turn: Turn, record: LogRecord, heard: Heard & { kind: 'event' }): void {
    const { subjects, terms, clock } = turn;
    const { event, receivedAtMs } = heard;
    const refuse = (reason: string, detail: string): void => {
      turn.rejected.push({ record, reason, detail });
      this.letterOf(turn, record, heard);
    };
    const fact = factOf(event, receivedAtMs);
    if ('reason' in fact) return refuse(fact.reason, fact.detail);
    // What was due before this record's place in the log is decided without it.
    fire(turn, fact.subject);
    const taken = takeIn(subjects.get(fact.subject), fact);
    if (taken.kind === 'repeated') return count(turn, 'facts-repeated');
    if (taken.kind === 'refused') return refuse(taken.reason, taken.detail);
    try {
      decide(turn, fact.subject, decideOnFact(taken.state, fact, terms, clock.shardTimeMs));
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      // The fact lacks what the guarantee reads: it goes to the dead letters alone, its subject stays as it was.
      refuse('FACT_NOT_EVALUABLE', `${error.message} (line ${error.place.line})`);
    }
  }

  /** Until somebody has looked at the letter, its subject's promises are not broken: the evidence may be in it. */
  private letterOf(turn: Turn, record: LogRecord, { event, receivedAtMs }: Heard & { kind: 'event' }): void {
    const id = deadLetterIdOf(this.options.name, record);
    hearLetter(turn, event.subject, { id, status: 'open' }, receivedAtMs);
  }

  private async fireAndSave(turn: Turn, tx: Sql): Promise<Effects> {
    const { subjects, clock, firedBeforeMs } = turn;
    // Nothing ever wakes before the shard time at which it was decided: while that stands still, nothing falls due.
    if (firedBeforeMs !== clock.shardTimeMs)
      turn.firedBeforeMs = await subjects.loadDue(firedBeforeMs, clock.shardTimeMs, DUE_PER_TRANSACTION_MAX, tx);
    for (const { subject } of subjects.all()) fire(turn, subject);
    const pending = turn.firedBeforeMs !== clock.shardTimeMs;
    return this.save(turn, pending, tx);
  }

  private async save(turn: Turn, pending: boolean, tx: Sql): Promise<Effects> {
    const { shard, subjects, clock, memory, setHash, termsVersion } = turn;
    await subjects.save(tx, describeFor(turn));
    const known = memory.position;
    if (known?.clock !== clock || known.setHash !== setHash || known.termsVersion !== termsVersion) {
      const { shardTimeMs, lastTickMs, heldUntilMs } = clock;
      await tx.query(SAVE_CLOCK, [shard, shardTimeMs, lastTickMs, heldUntilMs, setHash, termsVersion]);
    }
    await saveOrphans(shard, turn.orphans, tx);
    if (turn.counts.size > 0) await tx.query(COUNT_MORE, [shard, [...turn.counts.keys()], [...turn.counts.values()]]);
    return {
      outgoing: inOrderOfDecision(turn.announced),
      rejected: turn.rejected,
      pending,
      committed: () => {
        const position = { clock, setHash, termsVersion, firedBeforeMs: turn.firedBeforeMs };
        memory.commit(position, subjects.news, subjects.written);
        measure(turn);
      },
    };
  }
}

async function loadPosition(shard: number, tx: Sql): Promise<ShardPosition> {
  const [row] = await tx.query<ClockRow>(LOAD_CLOCK, [shard]);
  const { setHash, termsVersion, ...clock } = row ?? { ...INITIAL_SHARD_CLOCK, setHash: null, termsVersion: 0 };
  return { clock, setHash, termsVersion, firedBeforeMs: null };
}

function subjectsIn(heard: readonly Heard[]): Set<string> {
  const subjects = new Set<string>();
  for (const what of heard) if (what.kind === 'event') subjects.add(what.event.subject);
  return subjects;
}
