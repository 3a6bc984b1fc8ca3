import type { BatchOutcome, RecordBatch } from '#libs/messaging';
import type { Broker, Fetched } from './broker.js';
import type { Process, Scheduler } from './scheduler.js';

/** What a member of the group brings: how it handles a batch, and what it does when it learns of an assignment. */
export interface Handler {
  readonly process: Process;
  handle(batch: RecordBatch): Promise<BatchOutcome>;
  onAssignment(shards: readonly number[]): void;
}

/** So long the first records of a shard may be on their way after a rebalance. */
const FIRST_ANSWER_MS_MAX = 3_000;

interface Member {
  readonly handler: Handler;
  /** The generation it has joined; work of an older one is a zombie's. */
  joined: number;
}

/**
 * A consumer group with eager rebalances: shard s goes to member s mod n. A member learns of a new generation late, by a
 * heartbeat or when it joins again; until then it goes on with what it had.
 */
export class Group {
  private members: Member[] = [];
  private generation = 0;
  /** Shards that stopped for an operator. */
  readonly halted: string[] = [];

  constructor(
    private readonly scheduler: Scheduler,
    private readonly broker: Broker,
    private readonly topics: readonly string[],
    private readonly shardCount: number,
  ) {}

  join(handler: Handler): void {
    this.members.push({ handler, joined: -1 });
    this.rebalance();
  }

  /** The coordinator has not heard of it for too long. It may not know. */
  leave(process: Process): void {
    const before = this.members.length;
    this.members = this.members.filter(({ handler }) => handler.process !== process);
    if (this.members.length < before) this.rebalance();
  }

  rebalance(): void {
    this.generation++;
    for (const member of this.members) {
      this.scheduler.after(this.scheduler.random.int(0, 2_500), member.handler.process, () => this.begin(member));
    }
  }

  private begin(member: Member): void {
    if (member.joined === this.generation) return;
    if (!this.members.includes(member)) {
      this.members.push(member);
      return this.rebalance();
    }
    member.joined = this.generation;
    const mine = this.members.indexOf(member);
    const shards = Array.from({ length: this.shardCount }, (_, shard) => shard).filter(
      (shard) => shard % this.members.length === mine,
    );
    member.handler.onAssignment(shards);
    for (const shard of shards) {
      // Partition s of all topics may have one leader, and that may be slow: meanwhile others read on, or the owner of before.
      const slowMs = this.scheduler.random.chance(0.4) ? this.scheduler.random.int(0, FIRST_ANSWER_MS_MAX) : 0;
      for (const topic of this.topics) void this.consume(member, topic, shard, slowMs);
    }
  }

  private async consume(member: Member, topic: string, partition: number, firstAnswerMs: number): Promise<void> {
    const { process } = member.handler;
    const generation = member.joined;
    const isStale = (): boolean => member.joined !== generation;
    let position = this.startOf(topic, partition);
    // Some get little at a time for as long as they read: what others decide in one transaction they decide in many.
    const fewMax = this.scheduler.random.chance(0.25) ? 3 : null;
    let slowMs = firstAnswerMs;
    while (!isStale()) {
      await this.broker.whenThereIs(process, topic, partition, position);
      if (isStale()) return;
      const max = fewMax ?? (this.scheduler.random.chance(0.3) ? this.scheduler.random.int(1, 8) : 200);
      const fetched = await this.scheduler.ask<Fetched>(process, (answer) =>
        answer(this.broker.fetch(topic, partition, position, max)),
      );
      if (slowMs > 0) await this.sleep(process, slowMs);
      slowMs = 0;
      if (isStale()) return;
      if (fetched.lastOffset < position) continue;
      const outcome = await member.handler.handle({
        topic,
        partition,
        ...fetched,
        isStale,
        heartbeat: () => this.heartbeat(member, generation),
      });
      if (outcome.kind === 'done') position = outcome.nextOffset;
      else if (outcome.kind === 'seek') position = outcome.offset;
      else if (outcome.kind === 'abandon') return this.begin(member);
      else return void this.halted.push(`${topic}/${partition}`);
    }
  }

  private sleep(process: Process, delayMs: number): Promise<void> {
    return new Promise((resolve) => this.scheduler.after(delayMs, process, resolve));
  }

  private heartbeat(member: Member, generation: number): Promise<void> {
    return this.scheduler.ask<void>(member.handler.process, (answer, refuse) => {
      if (generation === this.generation && this.members.includes(member)) return answer();
      refuse(Object.assign(new Error('the group is rebalancing'), { name: 'KafkaJSProtocolError' }));
    });
  }

  /**
   * Kafka's own offsets are a mirror: where they are lost or out of range, reading begins anywhere. Not behind the last
   * record, though: in truth the next tick follows within a second, and its batch tells a consumer that it began too late;
   * here the log comes to an end, and nothing would follow.
   */
  private startOf(topic: string, partition: number): number {
    if (this.scheduler.random.chance(0.6)) return 0;
    return this.scheduler.random.int(0, Math.max(0, this.broker.endOf(topic, partition) - 1));
  }
}
