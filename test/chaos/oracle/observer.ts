import type { Bank, LineEvent } from '../load/bank.js';
import type { ChaosPromise } from '../load/promises.js';
import { LogTail, type TailRecord } from './log-tail.js';
import { owedMinorOf, verdictOf } from './oracle.js';

/** Watches the topics while a run goes on: knows how far it is, and hands lines to the bank. Judges nothing. */
export class Observer {
  private readonly expected: ReadonlyMap<string, ChaosPromise>;
  private readonly steps = new Map<string, { sequence: number; isDone: boolean }>();
  private readonly lines = new Map<string, { subject: string; sequence: number; minor: number; isLive: boolean }>();
  private readonly owedSoFar = new Map<string, number>();
  private readonly tail: LogTail;
  private done = 0;
  records = 0;
  verdicts = 0;
  breaches = 0;

  constructor(
    brokers: string,
    promises: readonly ChaosPromise[],
    private readonly bank: Bank | null,
  ) {
    this.expected = new Map(promises.map((promise) => [promise.subject, promise]));
    this.tail = new LogTail(brokers, ['makegood.promises.v1', 'makegood.compensations.v1'], (record) =>
      this.take(record),
    );
  }

  run(): Promise<void> {
    return this.tail.run();
  }

  close(): Promise<void> {
    return this.tail.close();
  }

  /** Promises whose last word is the one expected. */
  get settled(): number {
    return this.done;
  }

  /** True when every promise has its verdict and its lines. */
  get isComplete(): boolean {
    if (this.done < this.expected.size) return false;
    for (const promise of this.expected.values())
      if ((this.owedSoFar.get(promise.subject) ?? 0) !== owedMinorOf(promise)) return false;
    return true;
  }

  private take({ topic, text }: TailRecord): void {
    this.records += 1;
    const event = JSON.parse(text) as LineEvent & { subject: string };
    if (topic === 'makegood.compensations.v1') this.takeLine(event);
    else if (event.type.startsWith('makegood.promise.')) this.takeStep(event);
  }

  private takeStep({ type, data }: LineEvent): void {
    const {
      subject = '',
      sequence,
      verdict,
    } = data as unknown as {
      subject?: string;
      sequence: number;
      verdict: string | null;
    };
    const promise = this.expected.get(subject);
    const before = this.steps.get(subject);
    if (!promise || (before && before.sequence >= sequence)) return;
    if (type.endsWith('.breached')) this.breaches += 1;
    if (verdict !== null) this.verdicts += 1;
    const isDone = verdict === verdictOf(promise);
    this.done += Number(isDone) - Number(before?.isDone ?? false);
    this.steps.set(subject, { sequence, isDone });
  }

  private takeLine(event: LineEvent & { subject: string }): void {
    this.bank?.read(event);
    const { type, subject, data } = event;
    const { lineId, lineSequence } = data as unknown as { lineId: string; lineSequence: number };
    const before = this.lines.get(lineId);
    if (before && before.sequence >= lineSequence) return;
    const minor = before?.minor ?? data.amount?.amountMinor ?? 0;
    const isLive = (before?.isLive ?? true) && !/\.(cancelled|recall-requested|reversed)$/.test(type);
    const change = (isLive ? minor : 0) - (before?.isLive ? before.minor : 0);
    this.lines.set(lineId, { subject, sequence: lineSequence, minor, isLive });
    this.owedSoFar.set(subject, (this.owedSoFar.get(subject) ?? 0) + change);
  }
}
