import { TICK_TYPE, TOPICS, type CloudEvent } from '#libs/contracts';
import { nearestName, parseInstant } from '#libs/kernel';
import { UsageError } from '../errors.js';
import { findStack } from '../stack/client.js';
import { WIDTH, type Terminal } from '../terminal/terminal.js';
import { gist, shortType } from '../topics/event-line.js';
import { readTopics, type TopicRecord } from '../topics/read-topic.js';
import type { StackSelector } from './options.js';

export interface TailOptions extends StackSelector {
  readonly type?: string;
  readonly from?: 'earliest' | 'latest';
  readonly untilEnd?: boolean;
  readonly json?: boolean;
}

/** `tail TOPIC`: what a topic says, one event a line, until Ctrl-C or (--until-end) its present end. */
export async function tail(topicName: string, options: TailOptions, terminal: Terminal): Promise<void> {
  const topic = topicOf(topicName);
  const client = findStack(options);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  await readTopics(
    {
      brokers: client.brokers,
      topics: [topic],
      from: options.from ?? (options.untilEnd ? 'earliest' : 'latest'),
      untilEnd: options.untilEnd ?? false,
      signal: stop.signal,
    },
    (record) => show(record, options, terminal),
  );
}

/** A topic by its full name or its middle: `promises` is `makegood.promises.v1`. */
export function topicOf(name: string): string {
  const known = Object.values(TOPICS);
  const short = known.map((topic) => topic.split('.')[1] as string);
  const index = known.findIndex((topic, i) => topic === name || short[i] === name);
  if (index >= 0) return known[index] as string;
  const near = nearestName(name, [...known, ...short]);
  throw new UsageError({
    code: 'TOPIC_UNKNOWN',
    detail: `topic "${name}" → unknown${near ? `. Did you mean ${near}?` : ''}`,
    advice: `known: ${short.join(', ')}`,
  });
}

/** True when `type` is what `--type` asks for: the whole type, without `makegood.`, or a prefix up to a dot. */
export function isOfType(type: string, wanted: string): boolean {
  return [type, type.replace(/^makegood\./, '')].some((name) => name === wanted || name.startsWith(`${wanted}.`));
}

function show(record: TopicRecord, options: TailOptions, terminal: Terminal): void {
  let event: CloudEvent;
  try {
    event = JSON.parse(record.text) as CloudEvent;
  } catch {
    if (options.json)
      terminal.line(record.text); // ingress may hold anything: shown as it is
    else terminal.line(`?  ${record.text.slice(0, WIDTH - 3)}`);
    return;
  }
  if (options.type !== undefined && !isOfType(String(event.type), options.type)) return;
  if (options.json) return terminal.line(record.text);
  if (event.type === TICK_TYPE && options.type === undefined) return; // the clock is shown when asked for
  const atMs = parseInstant(event.receivedat ?? event.time);
  const time = atMs === null ? String(event.time) : new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
  terminal.line(
    `${time}Z  ${shortType(String(event.type)).padEnd(20)}  ${event.subject}  ${gist(event, 'UTC')}`.trimEnd(),
  );
}
