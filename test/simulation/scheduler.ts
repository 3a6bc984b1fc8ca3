import type { Clock } from '#libs/kernel';
import { Random } from '../seeded/random.js';

/** A process of the simulated installation. When it is dead nothing of it goes on; while it is paused nothing yet. */
export class Process {
  isAlive = true;
  pausedUntilMs = 0;
  /** What its wall clock shows beyond the truth. */
  skewMs = 0;

  constructor(readonly name: string) {}
}

interface Task {
  readonly atMs: number;
  readonly order: number;
  /** null: work of a server or of the world, which no process holds up. */
  readonly process: Process | null;
  readonly run: () => unknown;
}

const STEPS_MAX = 400_000;

/**
 * Decides what goes on next. Whatever a process asks of a port is a task here; between two tasks only the code runs
 * that the last one let go on, until it asks a port again. So one seed is one order of everything.
 */
export class Scheduler {
  nowMs = 0;
  steps = 0;
  private readonly heap: Task[] = [];
  private order = 0;

  constructor(readonly random: Random) {}

  after(delayMs: number, process: Process | null, run: () => unknown): void {
    this.push({ atMs: this.nowMs + delayMs, order: this.order++, process, run });
  }

  /**
   * Asks a server: the request travels, is done there, the answer travels back. The process may die or stand still at
   * any of these places. `serve` may keep the answer for later (a lock), so it gets the ways to answer.
   */
  ask<T>(client: Process, serve: (answer: (value: T) => void, refuse: (error: Error) => void) => unknown): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const back = (settle: () => void): void => this.after(this.latencyMs(), client, settle);
      this.after(this.latencyMs(), null, () => {
        if (!client.isAlive && this.random.chance(0.5)) return undefined; // it never left
        return serve(
          (value) => back(() => resolve(value)),
          (error) => back(() => reject(error)),
        );
      });
    });
  }

  clockOf(process: Process): Clock {
    return {
      nowMs: () => this.nowMs + process.skewMs,
      sleep: (delayMs, signal) =>
        new Promise<void>((resolve) => {
          if (signal?.aborted) return resolve();
          this.after(delayMs, process, resolve);
          signal?.addEventListener('abort', () => this.after(0, process, resolve));
        }),
    };
  }

  /** Runs until `isDone` says so. @throws Error when nothing is left to do, or far too much was done. */
  async run(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      const task = this.pop();
      if (!task) throw new Error('liveness: nothing is left to do, and not everything is done');
      this.nowMs = Math.max(this.nowMs, task.atMs);
      if (task.process && !task.process.isAlive) continue;
      if (task.process && task.process.pausedUntilMs > this.nowMs) {
        this.after(task.process.pausedUntilMs - this.nowMs + this.random.int(0, 20), task.process, task.run);
        continue;
      }
      if (++this.steps > STEPS_MAX) throw new Error(`liveness: not at rest after ${STEPS_MAX} steps`);
      await task.run();
      await letGoOn();
    }
  }

  private latencyMs(): number {
    const die = this.random.next();
    if (die < 0.9) return this.random.int(0, 12);
    return die < 0.99 ? this.random.int(10, 150) : this.random.int(150, 3_000);
  }

  private push(task: Task): void {
    const { heap } = this;
    let i = heap.push(task) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(task, heap[parent] as Task)) break;
      heap[i] = heap[parent] as Task;
      i = parent;
    }
    heap[i] = task;
  }

  private pop(): Task | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Task, heap[child] as Task)) child++;
      if (!isBefore(heap[child] as Task, last)) break;
      heap[i] = heap[child] as Task;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.atMs !== b.atMs ? a.atMs < b.atMs : a.order < b.order;
}

/** Everything that can go on without asking a port does so before this resolves. */
function letGoOn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
