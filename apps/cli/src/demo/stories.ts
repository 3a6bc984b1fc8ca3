import { PROMISE_EVENT_PREFIX, TICK_TYPE, TOPICS, type CloudEvent, type PromiseEventData } from '#libs/contracts';
import { parseInstant } from '#libs/kernel';
import { wrap } from '../terminal/layout.js';
import { WIDTH } from '../terminal/terminal.js';
import { gist, shortTime, shortType } from '../topics/event-line.js';
import type { SampleStream } from './sample-stream.js';

export const STORY_ZONE = 'Asia/Shanghai';

/** An event of a story, as it was read from a topic. */
export interface StoryEvent {
  readonly topic: string;
  readonly atMs: number;
  readonly event: CloudEvent<unknown>;
}

export interface Story {
  readonly title: string;
  readonly subject: string;
  readonly events: readonly StoryEvent[];
  /** What came of it, from the events alone. */
  readonly ending: string;
}

const TITLES: Readonly<Record<keyof SampleStream['stories'], string>> = {
  madeGood: '1. A promise is missed and made good',
  takenBack: '2. Late news takes a miss back',
  twice: '3. The same event twice',
};

const ORDER: Readonly<Record<string, number>> = { [TOPICS.events]: 0, [TOPICS.promises]: 1, [TOPICS.compensations]: 2 };

/** Collects what the topics say about the stories' subjects. */
export class StoryCollector {
  private readonly bySubject = new Map<string, StoryEvent[]>();
  private readonly seen = new Set<string>();

  constructor(private readonly stories: SampleStream['stories']) {
    for (const subject of Object.values(stories)) this.bySubject.set(subject, []);
  }

  add(topic: string, event: CloudEvent<unknown>): void {
    if (event.type === TICK_TYPE) return;
    // Kafka may carry an event of ours twice, always the same; upstream's repetitions belong to the story.
    const identity = `${topic} ${event.source} ${event.id}`;
    if (topic !== TOPICS.events && this.seen.has(identity)) return;
    this.seen.add(identity);
    const atMs = parseInstant(event.receivedat ?? event.time);
    if (atMs !== null) this.bySubject.get(event.subject)?.push({ topic, atMs, event });
  }

  tell(): Story[] {
    return (Object.keys(TITLES) as (keyof typeof TITLES)[]).map((name) => {
      const subject = this.stories[name];
      const events = [...(this.bySubject.get(subject) ?? [])].sort((a, b) => a.atMs - b.atMs || rank(a) - rank(b));
      return { title: TITLES[name], subject, events, ending: endingOf(events) };
    });
  }
}

function cut(line: string): string {
  return line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line;
}

/** A story in lines of 80 columns. */
export function storyLines(story: Story): string[] {
  const rows = story.events.map(({ atMs, event }) => ({
    time: shortTime(atMs, STORY_ZONE),
    what: shortType(event.type),
    why: gist(event, STORY_ZONE),
  }));
  const width = Math.max(0, ...rows.map(({ what }) => what.length));
  return [
    `${story.title}: ${story.subject}`,
    ...rows.map(({ time, what, why }) => `  ${time}  ${what.padEnd(width)}  ${why}`.trimEnd()).map(cut),
    ...wrap(`  ⇒ ${story.ending}`, '    '),
  ];
}

function rank({ topic, event }: StoryEvent): number {
  const sequence = (event.data as Partial<PromiseEventData>).sequence ?? 0;
  return (ORDER[topic] ?? 3) * 1_000 + sequence;
}

/** The last verdict in the engine's own words, what is owed after it, and how often something was told twice. */
function endingOf(events: readonly StoryEvent[]): string {
  const promises = events
    .filter(({ event }) => event.type.startsWith(PROMISE_EVENT_PREFIX))
    .map(({ event }) => event.data as PromiseEventData);
  const last = promises.reduce<PromiseEventData | null>(
    (best, data) => (best && best.sequence > data.sequence ? best : data),
    null,
  );
  if (!last) return 'nothing was said about it';
  const money = events.filter(
    ({ topic, event }) => topic === TOPICS.compensations && /^makegood\.(refund|credit|points)\./.test(event.type),
  );
  const standing = new Set(money.filter(({ event }) => event.type.endsWith('.requested')).map(lineOf));
  for (const cancelled of money.filter(({ event }) => event.type.endsWith('.cancelled')))
    standing.delete(lineOf(cancelled));
  const facts = events.filter(({ topic }) => topic === TOPICS.events);
  const repeated = facts.length - new Set(facts.map(({ event }) => `${event.source} ${event.id}`)).size;
  const parts = [
    last.explanation[0] ?? `${last.verdict ?? last.state}.`,
    repeated > 0 ? `${repeated} events came twice and were seen before: no change.` : '',
    money.length === 0 ? 'No money.' : `${standing.size} of ${new Set(money.map(lineOf)).size} money lines stand.`,
  ];
  return parts.filter(Boolean).join(' ');
}

function lineOf({ event }: StoryEvent): string {
  return (event.data as { lineId: string }).lineId;
}
