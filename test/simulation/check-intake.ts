import { DEAD_LETTER_TYPE, TOPICS, type CloudEvent, type DeadLetterEvent } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { Evidence } from './checks.js';
import { BROKEN, UPSTREAM_SOURCE } from './doors.js';

/**
 * What intake has acknowledged is in the log as it was sent, what it took from ingress with its append time there; nothing is
 * there that nobody told or that was to be refused, nothing under one id with two contents; each broken record has its letter.
 */
export function checkIntake({ broker, upstream }: Evidence, found: string[]): void {
  const inLog = new Map<string, Set<string>>();
  const received = new Set<string>();
  for (const { value } of broker.all(TOPICS.events)) {
    const event = JSON.parse(value.toString()) as CloudEvent;
    if (event.source !== UPSTREAM_SOURCE) continue;
    const { receivedat } = event;
    const text = asSent(event);
    inLog.set(event.id, (inLog.get(event.id) ?? new Set()).add(text));
    received.add(`${text} ${receivedat ?? ''}`);
  }
  for (const [id, texts] of inLog) {
    if (texts.size > 1) found.push(`accepted-is-durable: ${id} is in the log with ${texts.size} contents`);
    if (id.startsWith('broken')) found.push(`accepted-is-durable: ${id} is in the log, and was to be refused`);
  }
  for (const text of upstream.acknowledged)
    if (!received.has(`${text} `)) found.push(`accepted-is-durable: acknowledged, and not in the log: ${text}`);
  for (const text of upstream.acknowledged)
    if (text.includes('"broken-')) found.push(`accepted-is-durable: acknowledged, and not to be: ${text}`);
  for (const text of upstream.refused)
    if (!text.includes('"broken-')) found.push(`accepted-is-durable: refused without a reason: ${text}`);
  const broken = new Map<string, string>();
  const taken = new Set<string>();
  for (const { partition, offset, timestampMs, value } of broker.all(TOPICS.ingress)) {
    const text = value.toString();
    const kind = /"broken-(.*)-\d+"/.exec(text)?.[1];
    if (kind !== undefined) broken.set(`${partition}/${offset}`, BROKEN[kind as keyof typeof BROKEN]);
    else taken.add(`${text} ${formatInstant(timestampMs)}`);
  }
  for (const each of taken)
    if (!received.has(each)) found.push(`accepted-is-durable: in ingress, and not in the log as of then: ${each}`);
  const told = new Set([...upstream.posted, ...broker.all(TOPICS.ingress).map(({ value }) => value.toString())]);
  for (const text of [...inLog.values()].flatMap((texts) => [...texts]))
    if (!told.has(text)) found.push(`accepted-is-durable: nobody told ${text}`);
  const lettered = new Set<string>();
  for (const { value } of broker.all(TOPICS.deadLetters)) {
    const { type, data } = JSON.parse(value.toString()) as DeadLetterEvent;
    if (type !== DEAD_LETTER_TYPE || data.topic !== TOPICS.ingress) continue;
    const place = `${data.partition}/${data.offset}`;
    lettered.add(place);
    if (broken.get(place) !== data.reason)
      found.push(`poison-stands-alone: ingress ${place} is a letter for ${data.reason}, not ${broken.get(place)}`);
  }
  for (const [place, reason] of broken)
    if (!lettered.has(place)) found.push(`poison-stands-alone: ingress ${place} has no letter: ${reason}`);
}

/** Without what intake puts to it: when it was received, and what is known of its customer. */
function asSent({ receivedat: _, ...event }: CloudEvent): string {
  const sent = Object.entries(event).filter(([name]) => !/^customer(segment|contract|locale|timezone)$/.test(name));
  return JSON.stringify(Object.fromEntries(sent));
}
