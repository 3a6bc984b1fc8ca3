import { TOPICS } from '#libs/contracts';
import type { Broker } from './broker.js';

/** Everything on the topics that names a subject, in words for whoever looks for the cause. */
export function storyIn(broker: Broker, subject: string): string[] {
  const lineIds = new Set<string>();
  const story: string[] = [];
  for (const topic of [
    TOPICS.events,
    TOPICS.promises,
    TOPICS.compensations,
    TOPICS.settlements,
    TOPICS.signals,
    TOPICS.loyalty,
    TOPICS.deadLetters,
  ]) {
    for (const { partition, offset, timestampMs, value } of broker.all(topic)) {
      const text = value.toString();
      const { data } = JSON.parse(text) as { data: { lineId?: string } };
      const isAbout = text.includes(`"${subject}"`) || (data.lineId !== undefined && lineIds.has(data.lineId));
      if (!isAbout) continue;
      if (data.lineId !== undefined) lineIds.add(data.lineId);
      story.push(`${topic}/${partition}@${offset} ${new Date(timestampMs).toISOString()} ${text}`);
    }
  }
  return story;
}
