import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_TYPES, DEFAULT_SHARD_COUNT, encodeCloudEvent, SOURCES, TOPICS } from '#libs/contracts';
import type { ActivatedFile } from '#libs/contracts';
import { compileGuarantees } from '#libs/guarantees';
import { formatInstant } from '#libs/kernel';
import { createKafka, SerialProducer, type OutgoingRecord } from '#libs/messaging';
import { SystemClock } from '#libs/clock';
import { PROJECT_ROOT } from '../../../apps/cli/src/stack/project.js';
import { workload, type Announce, type LogLine } from './workload.js';

const DELIVERY_FILE = 'bench/bench-delivery.yaml';
const RECORDS_PER_SEND = 6_000;

export function producerTo(brokers: string): SerialProducer {
  return new SerialProducer(
    createKafka({ clientId: 'makegood-bench', brokers: brokers.split(',') }),
    new SystemClock(),
  );
}

/** Writes the activation and then the workload into `makegood.events.v1`; answers the number of records. */
export function seed(brokers: string, promises: number, announce: Announce): Promise<number> {
  return seedLines(brokers, workload(promises, DEFAULT_SHARD_COUNT), announce);
}

/** Writes the activation of a guarantee and then these lines. */
export function seedLines(
  brokers: string,
  lines: Iterable<LogLine>,
  announce: Announce,
  guaranteeFile = DELIVERY_FILE,
): Promise<number> {
  return writeLines(brokers, withActivation(lines, activationText(announce, guaranteeFile)));
}

function* withActivation(lines: Iterable<LogLine>, value: string): Generator<LogLine> {
  for (let partition = 0; partition < DEFAULT_SHARD_COUNT; partition++)
    yield { partition, key: 'guarantees', value, timestampMs: 0 };
  yield* lines;
}

/** Writes lines into `makegood.events.v1`; answers how many. */
export async function writeLines(brokers: string, lines: Iterable<LogLine>): Promise<number> {
  const producer = producerTo(brokers);
  let written = 0;
  let waiting: OutgoingRecord[] = [];
  let sent: Promise<unknown> = Promise.resolve();
  const send = async (): Promise<void> => {
    const records = waiting;
    waiting = [];
    written += records.length;
    await sent; // one send ahead of the generator
    sent = producer.send(records);
  };
  for (const line of lines) {
    waiting.push({ topic: TOPICS.events, ...line });
    if (waiting.length >= RECORDS_PER_SEND) await send();
  }
  await send();
  await sent;
  await producer.close();
  return written;
}

/** The activation of a guarantee of the bench, as sla-timer would write it. */
export function activationText(announce: Announce, guaranteeFile = DELIVERY_FILE): string {
  const text = readFileSync(join(PROJECT_ROOT, guaranteeFile), 'utf8').replace(
    /^announce: all$/m,
    `announce: ${announce}`,
  );
  const result = compileGuarantees([{ file: guaranteeFile, text }]);
  if (result.problems) throw new Error(result.problems.map(({ code, detail }) => `${code} ${detail}`).join('; '));
  const files = result.guarantees.map(({ name, version, file, hash }): ActivatedFile => ({
    kind: 'guarantee',
    name,
    version,
    file,
    text,
    hash,
  }));
  const setHash = createHash('sha256').update(JSON.stringify(files)).digest('hex');
  return encodeCloudEvent({
    specversion: '1.0',
    id: `bench-${announce}`,
    source: SOURCES.slaTimer,
    type: CONTROL_TYPES.guaranteesActivated,
    subject: 'guarantees',
    time: formatInstant(0),
    data: { setHash, files },
  });
}
