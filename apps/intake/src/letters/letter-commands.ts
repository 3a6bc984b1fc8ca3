import { Inject, Injectable } from '@nestjs/common';
import {
  encodeCloudEvent,
  LETTER_DECIDED_TYPE,
  SOURCES,
  TOPICS,
  type CloudEvent,
  type LetterDecidedData,
  type LetterDecidedEvent,
} from '#libs/contracts';
import { formatInstant, nameIdOf, parseInstant, ProblemError, type Clock } from '#libs/kernel';
import type { OutgoingRecord } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import { CLOCK, DATABASE, HttpProblem } from '#libs/service';
import { canonise } from '../canonical/canonise.js';
import type { Judgement } from '../canonical/check-event.js';
import { readJson } from '../canonical/read-json.js';
import type { Routing } from '../canonical/route-event.js';
import type { IntakeEnvironment } from '../config.js';
import type { CoalescingWriter } from '../publish/coalescing-writer.js';
import { EVENT_WRITER, INTAKE_ENVIRONMENT, ROUTING } from '../tokens.js';
import { LetterBook, type LetterDetail } from './letter-book.js';
import { letterRecord, releaseRecord, subjectOf } from './letter-events.js';

export interface Decided {
  readonly id: string;
  readonly status: LetterDetail['status'];
  /** False when the list does not show it within the wait: it is in the log, and will. */
  readonly applied: boolean;
}

/** Topics whose records are canonical: they go back as they were, to where they were. */
const AS_THEY_WERE: ReadonlySet<string> = new Set([TOPICS.events, TOPICS.signals, TOPICS.settlements]);
const APPLIED_WITHIN_MS = 5_000;
const POLL_MS = 25;

/** Replays and discards dead letters, through the log. */
@Injectable()
export class LetterCommands {
  private readonly book: LetterBook;

  constructor(
    @Inject(DATABASE) database: Database,
    @Inject(EVENT_WRITER) private readonly writer: CoalescingWriter,
    @Inject(ROUTING) private readonly routing: Routing,
    @Inject(INTAKE_ENVIRONMENT) private readonly environment: IntakeEnvironment,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.book = new LetterBook(database);
  }

  async replay(id: string, decision: { readonly reason: string; readonly by: string }): Promise<Decided> {
    const letter = await this.undecided(id);
    if ('applied' in letter) return letter;
    return this.decide(letter, { ...decision, status: 'replayed' }, this.recordsOf(letter));
  }

  async discard(id: string, decision: { readonly reason: string; readonly by: string }): Promise<Decided> {
    const letter = await this.undecided(id);
    if ('applied' in letter) return letter;
    return this.decide(letter, { ...decision, status: 'discarded' }, []);
  }

  private async undecided(id: string): Promise<LetterDetail | Decided> {
    const letter = await this.book.find(id);
    if (!letter)
      throw new HttpProblem(404, {
        code: 'LETTER_UNKNOWN',
        detail: `no dead letter has the id ${id.slice(0, 50)}`,
        advice: 'list them: GET /dlq, ./makegood dlq list',
      });
    if (letter.status === 'open') return letter;
    // Asked for again: a log that went back may have lost the word, and a key would wait for it for ever.
    if (letter.parked) await this.tell(this.told(letter, letter.status));
    return { id, status: letter.status, applied: true };
  }

  /** What was refused, again on its normal way: same id, and received when it was received first. */
  private recordsOf(letter: LetterDetail): readonly OutgoingRecord[] {
    const { topic, original, partition, subject } = letter;
    if (letter.parked) return []; // the service has kept it, and is told to take it
    const receivedAtMs = parseInstant(letter.at) ?? 0;
    if (AS_THEY_WERE.has(topic)) {
      const value = withReceivedAt(original, receivedAtMs);
      return [{ topic, partition, key: subject, value, timestampMs: receivedAtMs }];
    }
    if (topic !== TOPICS.ingress) {
      throw new HttpProblem(409, {
        code: 'LETTER_NOT_REPLAYABLE',
        detail: `the letter is a record of ${topic}, which only makegood writes`,
        advice: 'mend its cause and restart the service, or discard it',
      });
    }
    const read = readJson(Buffer.from(original, 'utf8'));
    const judgement: Judgement = {
      mode: this.environment.MAKEGOOD_MODE,
      way: 'ingress',
      boundSource: null,
      isAdmin: false,
      receivedAtMs,
    };
    const canonical = read.refusal ? read : canonise(read.event, judgement, this.routing);
    if (canonical.refusal) throw new HttpProblem(422, { ...canonical.refusal, code: canonical.refusal.code });
    return canonical.records;
  }

  private async decide(
    letter: LetterDetail,
    { status, reason, by }: Omit<LetterDecidedData, 'id'>,
    again: readonly OutgoingRecord[],
  ): Promise<Decided> {
    const { id, partition } = letter;
    const atMs = this.clock.nowMs();
    const event: LetterDecidedEvent = {
      specversion: '1.0',
      id: nameIdOf('letter-decided', id, status),
      source: SOURCES.operator,
      type: LETTER_DECIDED_TYPE,
      subject: id,
      time: formatInstant(atMs),
      data: { id, status, reason, by },
    };
    const decided = {
      topic: this.environment.MAKEGOOD_DEAD_LETTERS_TOPIC,
      partition,
      key: id,
      value: encodeCloudEvent(event),
    };
    // The list shows it decided only once everyone concerned has been told: what fails in between is asked for again.
    await this.tell([...again, ...this.told(letter, status)]);
    await this.tell([decided]);
    return { id, status, applied: await this.isDecided(id) };
  }

  /** Whoever was told that the letter waits is told that it does no more. */
  private told(letter: LetterDetail, status: 'replayed' | 'discarded'): OutgoingRecord[] {
    if (letter.parked) return [releaseRecord(letter, status, this.clock.nowMs())];
    if (letter.service !== 'intake' && letter.service !== 'sla-timer') return [];
    const subject = subjectOf({ value: Buffer.from(letter.original, 'utf8') });
    if (subject === null) return [];
    return [letterRecord({ id: letter.id, status }, subject, this.clock.nowMs(), this.routing.shardCount)];
  }

  private async tell(records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return;
    try {
      await this.writer.write(records);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      throw new HttpProblem(503, error.problem, { headers: { 'Retry-After': '2' } });
    }
  }

  private async isDecided(id: string): Promise<boolean> {
    const untilMs = this.clock.nowMs() + APPLIED_WITHIN_MS;
    while (this.clock.nowMs() < untilMs) {
      if ((await this.book.find(id))?.status !== 'open') return true;
      await this.clock.sleep(POLL_MS);
    }
    return false;
  }
}

function withReceivedAt(original: string, receivedAtMs: number): string {
  let event: CloudEvent;
  try {
    event = JSON.parse(original) as CloudEvent;
  } catch {
    throw new HttpProblem(422, {
      code: 'JSON_MALFORMED',
      detail: 'the letter is no JSON: it would be refused again',
      advice: 'discard it, and have its sender send it anew',
    });
  }
  return encodeCloudEvent({ ...event, receivedat: event.receivedat ?? formatInstant(receivedAtMs) });
}
