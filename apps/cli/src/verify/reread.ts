import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { PROMISE_EVENT_PREFIX, TOPICS } from '#libs/contracts';
import { clock } from '../clock.js';
import type { CliConfig } from '../config.js';
import { awaitDrained } from '../replay/drain.js';
import { readAdminKey } from '../stack/admin-key.js';
import { Child } from '../stack/child.js';
import type { StackClient } from '../stack/client.js';
import { embeddedDatabaseUrl } from '../stack/database.js';
import { portsOf } from '../stack/ports.js';
import { serviceSpec } from '../stack/services.js';
import { dropTopics, makeTopics } from '../stack/topics.js';
import { readTopics } from '../topics/read-topic.js';

export interface Reread {
  /** Promise events announced by the stack, each counted once. */
  readonly events: number;
  /** What the second reading announced otherwise, or not at all, or in addition: (promiseId, sequence). */
  readonly differences: readonly string[];
}

/**
 * Verdicts from facts: a second sla-timer with an empty database reads `makegood.events.v1` from its start and writes
 * to other topics. Whatever it says must be byte for byte what the first one said, however often that was interrupted.
 */
export async function rereadVerdicts(client: StackClient, config: CliConfig): Promise<Reread> {
  const mark = randomBytes(4).toString('hex');
  const names = {
    topic: `${TOPICS.promises}.reread-${mark}`,
    letters: `${TOPICS.deadLetters}.reread-${mark}`,
    schema: `reread_${mark}`,
  };
  const databaseUrl = config.databaseUrl ?? embeddedDatabaseUrl(client.dataDir, portsOf(client.portBase).database);
  const mode = client.state?.mode ?? 'live';
  await makeTopics(client.brokers, [names.topic, names.letters], mode, config.shards);
  const spec = serviceSpec('sla-timer', {
    ...{ dataDir: client.dataDir, portBase: client.portBase, mode, brokers: client.brokers, databaseUrl, config },
    adminKey: readAdminKey(client.dataDir),
  });
  const second = new Child({
    ...spec,
    name: 'sla-timer-reread',
    logFile: join(client.dataDir, 'logs', 'sla-timer-reread.log'),
    env: {
      ...spec.env,
      MAKEGOOD_PORT: String(await freePort()),
      MAKEGOOD_SCHEMA: names.schema,
      DATABASE_URLS: '', // a second reading is in one place
      MAKEGOOD_GROUP: `makegood.reread.${mark}`,
      MAKEGOOD_PROMISES_TOPIC: names.topic,
      MAKEGOOD_DEAD_LETTERS_TOPIC: names.letters,
    },
  });
  try {
    await awaitDrained(client, () => undefined);
    const first = await digests(client.brokers, TOPICS.promises);
    second.start();
    await awaitReread(databaseUrl, names.schema, client.brokers);
    return compare(first, await digests(client.brokers, names.topic));
  } finally {
    await second.stop();
    await dropTopics(client.brokers, [names.topic, names.letters]);
    await withDatabase(databaseUrl, (database) => database.query(`drop schema if exists ${names.schema} cascade`));
  }
}

function compare(first: ReadonlyMap<string, string>, second: ReadonlyMap<string, string>): Reread {
  const differences = [...first].filter(([key, digest]) => second.get(key) !== digest).map(([key]) => key);
  const added = [...second.keys()].filter((key) => !first.has(key));
  return { events: first.size, differences: [...differences, ...added] };
}

/** SHA-256 of each promise event's bytes by promise and sequence; the same twice is one, two contents are told apart. */
async function digests(brokers: string, topic: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  await readTopics({ brokers, topics: [topic], from: 'earliest', untilEnd: true }, ({ text }) => {
    const event = JSON.parse(text) as { type: string; data: { promiseId: string; sequence: number } };
    if (!event.type.startsWith(PROMISE_EVENT_PREFIX)) return;
    const key = `${event.data.promiseId} ${event.data.sequence}`;
    const digest = createHash('sha256').update(text).digest('hex');
    const before = found.get(key);
    found.set(key, before === undefined || before === digest ? digest : `${before} and ${digest}`);
  });
  return found;
}

/** The second reading is done when its offsets have reached the log's ends of now and its outbox is empty. */
async function awaitReread(databaseUrl: string, schema: string, brokers: string): Promise<void> {
  let records = 0;
  await readTopics({ brokers, topics: [TOPICS.events], from: 'earliest', untilEnd: true }, () => (records += 1));
  for (;;) {
    const done = await withDatabase(databaseUrl, async (database) => {
      const { rows } = await database.query<{ read: string; left: string }>(
        `select (select coalesce(sum(next_offset), 0) from ${schema}.shard_offset) as read, (select count(*) from ${schema}.outbox) as left`,
      );
      return Number(rows[0]?.read) >= records && Number(rows[0]?.left) === 0;
    }).catch(() => false); // the second reading has not made its tables yet
    if (done) return;
    await clock.sleep(200);
  }
}

async function withDatabase<T>(databaseUrl: string, work: (database: pg.Client) => Promise<T>): Promise<T> {
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    return await work(database);
  } finally {
    await database.end();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
