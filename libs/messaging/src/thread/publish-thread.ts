import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { SystemClock } from '#libs/clock';
import { createKafka } from '../kafka-client.js';
import { unpackRow, type ByteRecord } from '../packed-row.js';
import { SerialSender } from '../serial-sender.js';
import { failureOf, type Answer, type Order, type SentRow, type ThreadOptions } from './words.js';

/*
 * A thread of its own, started by its path: takes rows as bytes, has them acknowledged, says so. It loads kafkajs and
 * little else, and knows nothing of outboxes, spans and metrics.
 */

const { kafka, hasLog, deadlineMs } = workerData as ThreadOptions;
const port = parentPort as MessagePort;
const answer = (word: Answer): void => port.postMessage(word);
const client = createKafka({
  ...kafka,
  ...(hasLog ? { onLog: (level, message) => answer({ kind: 'log', level, message }) } : {}),
});
const sender = new SerialSender(client, new SystemClock(), deadlineMs);
/** The first row finds a connection; a broker that is away now is told by the first send. */
const connected = sender.connect().catch(() => undefined);

async function publish(rows: readonly SentRow[], headers: Readonly<Record<string, string>>): Promise<void> {
  try {
    await connected;
    for await (const ranges of sender.send(recordsOf(rows), headers)) answer({ kind: 'acknowledged', ranges });
    answer({ kind: 'published' });
  } catch (error) {
    answer({ kind: 'failed', failure: failureOf(error) });
  }
}

function* recordsOf(rows: readonly SentRow[]): Generator<ByteRecord> {
  for (const { topic, bytes } of rows) yield* unpackRow({ topic, bytes: Buffer.from(bytes) });
}

/** With its connections and its port closed nothing keeps the thread. */
async function end(): Promise<void> {
  await sender.discard();
  port.close();
}

port.on('message', (order: Order) => void (order.kind === 'end' ? end() : publish(order.rows, order.headers)));
