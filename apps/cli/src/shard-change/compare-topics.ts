import { createHash } from 'node:crypto';
import { CAUSE_POSITION, PROMISE_EVENT_PREFIX, TOPICS } from '#libs/contracts';
import { readTopics } from '../topics/read-topic.js';

export interface ComparedTopics {
  /** Events of promises, lines and scores, each counted once. */
  readonly events: number;
  /** What one id was told with two contents in the new log: never right. */
  readonly conflicts: readonly string[];
  /** Told in the old log, and not in the new one. */
  readonly missing: readonly string[];
}

const SHOWN_MAX = 20;
const TOLD = [TOPICS.promises, TOPICS.compensations, TOPICS.loyalty] as const;

/**
 * Whether the new log says of every event of old what was said then: no id has two contents, though everything was decided
 * again. Words may be put anew, and loyalty's events name other places.
 */
export async function compareTopics(oldBrokers: string, newBrokers: string): Promise<ComparedTopics> {
  const [before, after] = [await contentsOf(oldBrokers), await contentsOf(newBrokers)];
  const conflicts = [...after].filter(([, digests]) => digests.includes(',')).map(([id]) => id);
  const missing = [...before.keys()].filter((id) => !after.has(id));
  const changed = [...before].filter(([id, digest]) => after.has(id) && after.get(id) !== digest).map(([id]) => id);
  return {
    events: after.size,
    conflicts: [...new Set([...conflicts, ...changed])].slice(0, SHOWN_MAX),
    missing: missing.slice(0, SHOWN_MAX),
  };
}

/** Digests of the contents told under each id, in the order of their first telling. */
async function contentsOf(brokers: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  await readTopics({ brokers, topics: [...TOLD], from: 'earliest', untilEnd: true }, ({ text }) => {
    const {
      id,
      type,
      [CAUSE_POSITION]: _place,
      ...event
    } = JSON.parse(text) as Record<string, unknown> & {
      type: string;
      data: Record<string, unknown>;
    };
    if (!type.startsWith('makegood.') || type === 'makegood.tick') return;
    const { explanation: _words, reasons: _reasons, ...data } = event.data;
    const content = type.startsWith(PROMISE_EVENT_PREFIX) ? { ...event, type, data } : { ...event, type };
    const digest = createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 16);
    const before = found.get(String(id));
    if (before === undefined) found.set(String(id), digest);
    else if (!before.split(',').includes(digest)) found.set(String(id), `${before},${digest}`);
  });
  return found;
}
