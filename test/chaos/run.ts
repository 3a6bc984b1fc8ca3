import { setTimeout as sleep } from 'node:timers/promises';
import { Bank } from './load/bank.js';
import { planTellings, type ChaosPromise, type Telling } from './load/promises.js';
import { Sender } from './load/sender.js';
import { gather } from './oracle/gather.js';
import { Observer } from './oracle/observer.js';
import { count, type Count } from './oracle/oracle.js';
import { lagOf, outboxRows, Watch } from './report/watch.js';
import type { Stage } from './stage/stage.js';
import { within } from './waiting.js';

/** Everything must have come to rest so long after the last fault. */
const REST_WITHIN_MS = 6 * 60_000;
/** Ticks come four times a second to each of twelve partitions, so that lag is never quite nothing. */
const LAG_AT_REST_MAX = 12 * 8;
const QUIET_LOOKS = 3;

export interface RunOptions {
  readonly tellings?: readonly Telling[];
  readonly payWithinMs?: number;
  readonly expectsLetter?: (text: string) => boolean;
}

/** A load on a stage, watched: what every chaos run and scenario has in common. */
export class Run {
  readonly sender: Sender;
  readonly bank: Bank;
  readonly observer: Observer;
  readonly watch: Watch;
  readonly startedAtMs = Date.now();
  private readonly tellings: readonly Telling[];
  private readonly end = new AbortController();
  private readonly giveUp = new AbortController();
  private readonly parts: Promise<unknown>[] = [];
  private telling: Promise<void> = Promise.resolve();

  constructor(
    readonly stage: Stage,
    seed: number,
    readonly promises: readonly ChaosPromise[],
    private readonly options: RunOptions = {},
  ) {
    const { text: key } = stage.adminKey;
    this.tellings = options.tellings ?? planTellings(seed, promises);
    this.sender = new Sender(stage.of('intake'), key, stage.brokers);
    this.bank = new Bank(seed, stage.of('compensation'), key, stage.brokers, options.payWithinMs);
    this.observer = new Observer(stage.brokers, promises, this.bank);
    this.watch = new Watch(stage, () => ({
      acknowledged: this.sender.acknowledged,
      verdicts: this.observer.settled,
    }));
  }

  get toTell(): number {
    return this.tellings.length;
  }

  /** Begins to tell, to pay and to watch. */
  begin(): void {
    this.parts.push(this.watch.run(this.end.signal), this.bank.run(), this.observer.run());
    this.telling = this.sender.tellAll(this.tellings, this.giveUp.signal);
  }

  /** Resolves once everything was acknowledged. */
  told(): Promise<void> {
    return this.telling;
  }

  /** Waits until nothing moves any more. @returns what did not come to rest, in words; empty: all did. */
  async rest(onProgress: (text: string) => void, withinMs = REST_WITHIN_MS): Promise<string[]> {
    const untold = await within(() => this.isTold(), withinMs);
    if (untold === null) {
      this.giveUp.abort();
      return [`${this.toTell - this.sender.acknowledged} tellings were never acknowledged`];
    }
    let quiet = 0;
    const rested = await within(async () => {
      onProgress(
        `${this.observer.settled} of ${this.promises.length} promises settled, ${this.bank.isIdle ? 'all paid' : 'finance still paying'}`,
      );
      if (!this.observer.isComplete || !this.bank.isIdle) return false;
      quiet = (await this.isQuiet()) ? quiet + 1 : 0;
      await sleep(1_000);
      return quiet >= QUIET_LOOKS;
    }, withinMs);
    if (rested) return [];
    const lag = await lagOf(this.stage).catch(() => ({}));
    return [
      `not at rest ${Math.round(withinMs / 1_000)} s after the last fault: ${this.observer.settled} of ${this.promises.length} promises settled, lag ${JSON.stringify(lag)}, bank ${this.bank.isIdle ? 'idle' : 'waiting'}`,
    ];
  }

  /** Ends the load and counts, from topics and books. */
  async count(atRest: readonly string[]): Promise<Count> {
    await this.stop();
    const evidence = await gather(this.stage, this.bank);
    const { expectsLetter = () => false } = this.options;
    const deadLetters = evidence.deadLetters.filter(({ text }) => !expectsLetter(text));
    const counted = count(this.promises, { ...evidence, deadLetters });
    const refused = [...this.sender.refusals, ...this.bank.refusals];
    return { ...counted, violations: [...atRest, ...refused, ...counted.violations] };
  }

  /** Ends everything of ours; the stage stays. */
  async stop(): Promise<void> {
    this.end.abort();
    this.giveUp.abort();
    this.bank.close();
    await this.observer.close();
    await Promise.all(this.parts);
  }

  private async isTold(): Promise<boolean> {
    const done = await Promise.race([this.telling.then(() => true), sleep(50).then(() => false)]);
    return done && this.sender.acknowledged >= this.toTell;
  }

  private async isQuiet(): Promise<boolean> {
    try {
      const lag = await lagOf(this.stage);
      if (Object.values(lag).some((records) => records > LAG_AT_REST_MAX)) return false;
      return (await outboxRows(this.stage)) === 0;
    } catch {
      return false;
    }
  }
}
