import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Kafka, Message } from 'kafkajs';
import { DEFAULT_SHARD_COUNT, partitionOf } from '#libs/contracts';
import type { ReceiverConfig } from './config.js';

const RECORDS_PER_SEND_MAX = 6_000;
const PARTITIONS = Array.from({ length: DEFAULT_SHARD_COUNT }, (_, partition) => partition);

interface Waiting {
  readonly messages: readonly Message[];
  readonly done: (error: Error | null) => void;
}

/** Takes events by lines, checks no more than that they are events, and answers when the broker has them. */
export async function receive(kafka: Kafka, { port, authorization, outputTopic }: ReceiverConfig): Promise<void> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
  await producer.connect();
  const queue: Waiting[] = [];
  let isSending = false;
  const pump = async (): Promise<void> => {
    isSending = true;
    while (queue.length > 0) {
      const taken: Waiting[] = [];
      let records = 0;
      for (let next = queue[0]; next && records < RECORDS_PER_SEND_MAX; next = queue[0]) {
        taken.push(next);
        records += next.messages.length;
        queue.shift();
      }
      const messages = taken.flatMap((each) => each.messages);
      const error = await producer.send({ topic: outputTopic, acks: -1, messages }).then(
        () => null,
        (cause: unknown) => cause as Error,
      );
      for (const { done } of taken) done(error);
    }
    isSending = false;
  };
  const send = (messages: readonly Message[]): Promise<void> =>
    new Promise((resolve, reject) => {
      queue.push({ messages, done: (error) => (error ? reject(error) : resolve()) });
      if (!isSending) void pump();
    });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST') return void response.writeHead(200).end();
    if (request.headers.authorization !== authorization) return void response.writeHead(401).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks).toString('utf8').split('\n');
    const messages = lines.flatMap((line) => (line === '' ? [] : messagesOf(line)));
    await send(messages);
    response.writeHead(202, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ accepted: lines.filter((line) => line !== '').length, rejected: [] }));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(503).end());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
}

function messagesOf(line: string): Message[] {
  const { id, source, type, subject, time } = JSON.parse(line) as Record<string, unknown>;
  const atMs = Date.parse(String(time));
  if (typeof id !== 'string' || typeof source !== 'string' || typeof subject !== 'string' || Number.isNaN(atMs))
    throw new Error('no event');
  const message = { key: subject, value: line, timestamp: String(atMs) };
  if (type === 'makegood.tick') return PARTITIONS.map((partition) => ({ ...message, partition }));
  return [{ ...message, partition: partitionOf(subject, DEFAULT_SHARD_COUNT) }];
}
