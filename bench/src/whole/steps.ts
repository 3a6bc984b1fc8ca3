import { EVENT_LIMITS } from '#libs/contracts';
import { inBatches, type FeedItem } from '../../../apps/cli/src/replay/feed-order.js';
import { HOUR_MS, workload } from '../pipeline/workload.js';

/** What is posted between two steps of the log's clock, as bodies of NDJSON. */
export interface Step {
  /** Their facts may overtake one another: none of these hours decides a promise that another fact of them is about. */
  readonly facts: readonly Body[];
  /** Goes alone, once all before it are acknowledged. */
  readonly tick: Body;
}

export interface Body {
  readonly bytes: Buffer;
  readonly events: number;
}

/** Seldom enough that waiting at each is nothing, often enough that breaches fall due all the way. */
const TICK_EVERY_MS = 4 * HOUR_MS;

/** The workload of the pipeline, as senders would post it: ready to go, so that sending costs no more than it must. */
export function stepsOf(promises: number): Step[] {
  const steps: Step[] = [];
  let facts: FeedItem[] = [];
  for (const { key, value: text, timestampMs: atMs } of workload(promises, 1, 0, 0, TICK_EVERY_MS)) {
    if (key !== 'tick') {
      facts.push({ atMs, text });
      continue;
    }
    const [tick] = bodiesOf([{ atMs, text }]);
    if (tick) steps.push({ facts: bodiesOf(facts), tick });
    facts = [];
  }
  return steps;
}

function bodiesOf(items: readonly FeedItem[]): Body[] {
  const batches = inBatches(items, EVENT_LIMITS.batchEventsMax, EVENT_LIMITS.batchBytesMax);
  return [...batches].map(({ items: { length }, body }) => ({ bytes: Buffer.from(body), events: length }));
}
