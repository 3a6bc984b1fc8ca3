import { ProblemError, type Problem } from '#libs/kernel';
import type { KafkaOptions } from '../kafka-client.js';
import type { ProducedRange } from '../records.js';

/** What the thread is started with. */
export interface ThreadOptions {
  readonly kafka: Omit<KafkaOptions, 'onLog'>;
  readonly hasLog: boolean;
  readonly deadlineMs: number;
}

/** A row with memory of its own, which goes over to the thread. */
export interface SentRow {
  readonly topic: string;
  readonly bytes: ArrayBuffer;
}

/** What the thread is told. The next word comes when the one before is answered. */
export type Order =
  | {
      readonly kind: 'publish';
      readonly rows: readonly SentRow[];
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'end' };

/** What the thread answers: some `acknowledged`, then `published` or `failed`; `log` at any time. */
export type Answer =
  | { readonly kind: 'acknowledged'; readonly ranges: readonly ProducedRange[] }
  | { readonly kind: 'published' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'log'; readonly level: 'warn' | 'error'; readonly message: string };

/** An error as it crosses threads: of one with properties of its own, message and stack alone would arrive. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly problem?: Problem;
  readonly retryable?: boolean;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof ProblemError) {
    const { name, message, problem, retryable } = error;
    return { name, message, problem, retryable };
  }
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: 'Error', message: String(error) };
}

export function errorOf({ name, message, problem, retryable }: Failure): Error {
  return problem ? new ProblemError(problem, retryable) : Object.assign(new Error(message), { name });
}
