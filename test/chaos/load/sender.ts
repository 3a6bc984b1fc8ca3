import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import type { Instance } from '../stage/instance.js';
import type { ChaosEvent, Telling } from './promises.js';

const BATCH_MAX = 250;
const IN_FLIGHT_MAX = 8;
const RETRY_MS = 500;
const ANSWER_WITHIN_MS = 15_000;

/** What the senders were answered: by status, and `none` where there was no answer at all. */
export type Answers = Record<string, number>;

/**
 * An upstream as it should be: tells what is due, takes only a 202 for an acknowledgement, tells everything else again
 * until it has one. Any instance of intake will do.
 */
export class Sender {
  readonly answers: Answers = {};
  /** Refusals that no outage explains: each is a violation. */
  readonly refusals: string[] = [];
  acknowledged = 0;
  private inFlight = 0;
  private turn = 0;
  private readonly producer: Producer;

  constructor(
    private readonly intakes: readonly Instance[],
    private readonly key: string,
    brokers: string,
  ) {
    const kafka = new Kafka({ clientId: 'chaos-upstream', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
    this.producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  }

  /** Resolves when everything is told and acknowledged, or `signal` gives it up. */
  async tellAll(tellings: readonly Telling[], signal: AbortSignal): Promise<void> {
    let next = 0;
    while (!signal.aborted && (next < tellings.length || this.inFlight > 0)) {
      const nowMs = Date.now();
      const first = tellings[next];
      if (!first || first.atMs > nowMs || this.inFlight >= IN_FLIGHT_MAX) {
        await sleep(20);
        continue;
      }
      const batch: Telling[] = [];
      for (let one: Telling | undefined = first; one && one.atMs <= nowMs && batch.length < BATCH_MAX;) {
        batch.push(one);
        one = tellings[++next];
      }
      void this.tell(batch, signal);
    }
    await this.producer.disconnect().catch(() => undefined);
  }

  private async tell(batch: readonly Telling[], signal: AbortSignal): Promise<void> {
    this.inFlight += 1;
    const of = (way: Telling['way']): ChaosEvent[] => batch.filter((one) => one.way === way).map(({ event }) => event);
    await Promise.all([
      this.again(of('http'), (events) => this.post(events), signal),
      this.again(of('ingress'), (events) => this.produce(events), signal),
    ]);
    this.inFlight -= 1;
  }

  private async again(
    events: readonly ChaosEvent[],
    attempt: (events: readonly ChaosEvent[]) => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<void> {
    if (events.length === 0) return;
    while (!signal.aborted) {
      if (await attempt(events)) {
        this.acknowledged += events.length;
        return;
      }
      await sleep(RETRY_MS);
    }
  }

  private async post(events: readonly ChaosEvent[]): Promise<boolean> {
    const intake = this.intakes[this.turn++ % this.intakes.length] as Instance;
    try {
      const answer = await fetch(`http://127.0.0.1:${intake.port}/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/cloudevents-batch+json' },
        body: JSON.stringify(events),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      this.count(String(answer.status));
      const text = await answer.text();
      const body = answer.status === 202 ? (JSON.parse(text) as { rejected: unknown[] }) : null;
      if (body && body.rejected.length > 0) this.refusals.push(`of ${events.length} events: ${text.slice(0, 300)}`);
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 429)
        this.refusals.push(`intake answered ${answer.status}: ${text.slice(0, 300)}`);
      return body !== null;
    } catch {
      this.count('none');
      return false;
    }
  }

  /** kafkajs itself tells again what was not acknowledged: what comes twice counts once. */
  private async produce(events: readonly ChaosEvent[]): Promise<boolean> {
    try {
      await this.producer.connect();
      await this.producer.send({
        topic: 'makegood.ingress.v1',
        acks: -1,
        messages: events.map((event) => ({
          key: event.subject,
          value: JSON.stringify(event),
          headers: { 'content-type': 'application/cloudevents+json' },
        })),
      });
      this.count('ingress');
      return true;
    } catch {
      this.count('ingress refused');
      return false;
    }
  }

  private count(answer: string): void {
    this.answers[answer] = (this.answers[answer] ?? 0) + 1;
  }
}
