import { EVENT_LIMITS } from '#libs/contracts';
import { ProblemError, type Problem } from '#libs/kernel';
import { clock } from '../clock.js';
import { problemOf, type Answer, type StackClient } from '../stack/client.js';
import { inBatches, type FeedItem } from './feed-order.js';

export interface Rejection {
  /** Position among all lines fed, from 0. */
  readonly index: number;
  readonly code: string;
  readonly detail: string;
}

export interface FeedProgress {
  /** Events sent so far, without ticks. */
  readonly events: number;
  /** Where the replayed clock stands. */
  readonly atMs: number;
}

export interface FeedResult {
  /** Lines that intake accepted, ticks included. */
  readonly accepted: number;
  readonly rejected: readonly Rejection[];
}

const NDJSON = 'application/x-ndjson';
/** How long a replay waits for an intake that is away: a batch sent twice does no harm. */
export const REPLAY_PATIENCE_MS = 180_000;
const RETRY_EVERY_MS = 250;

/** Feeds lines to intake in order, one request in flight; goes on by itself when intake was away for a while. */
export async function feed(
  client: StackClient,
  lines: Iterable<FeedItem>,
  options: {
    readonly patienceMs: number;
    readonly onProgress?: (progress: FeedProgress) => void;
    /** Waited for between a tick and what follows it; without it lines flow as fast as they are taken. */
    readonly afterTick?: () => Promise<void>;
  },
): Promise<FeedResult> {
  let accepted = 0;
  let sent = 0;
  let events = 0;
  const rejected: Rejection[] = [];
  const { batchEventsMax, batchBytesMax } = EVENT_LIMITS;
  const pauses = options.afterTick !== undefined;
  for (const { items, body } of inBatches(lines, batchEventsMax, batchBytesMax, pauses)) {
    const answer = await postPatiently(client, body, options.patienceMs);
    const told = answer.body as { accepted?: number; rejected?: Rejection[] } | null;
    const refusals = Array.isArray(told?.rejected) ? told.rejected : null;
    if (answer.status !== 202 && !(answer.status === 400 && refusals)) {
      throw new ProblemError(problemOf('intake', 'POST /events', answer));
    }
    accepted += told?.accepted ?? 0;
    for (const refusal of refusals ?? []) rejected.push({ ...refusal, index: sent + refusal.index });
    sent += items.length;
    events += items.filter((item) => !item.tick).length;
    if (items.at(-1)?.tick) await options.afterTick?.();
    options.onProgress?.({ events, atMs: items.at(-1)?.atMs ?? 0 });
  }
  return { accepted, rejected };
}

async function postPatiently(client: StackClient, body: string, patienceMs: number): Promise<Answer> {
  const untilMs = clock.nowMs() + patienceMs;
  for (;;) {
    let problem: Problem;
    let pauseMs = RETRY_EVERY_MS;
    try {
      const answer = await client.request('intake', '/events', { type: NDJSON, text: body });
      if (answer.status !== 503 && answer.status !== 429) return answer;
      problem = problemOf('intake', 'POST /events', answer);
      pauseMs = Math.min(answer.retryAfterMs ?? RETRY_EVERY_MS, 5_000);
    } catch (error) {
      if (!(error instanceof ProblemError) || !error.retryable) throw error;
      problem = error.problem;
    }
    if (clock.nowMs() > untilMs) throw new ProblemError(problem);
    await clock.sleep(pauseMs);
  }
}
