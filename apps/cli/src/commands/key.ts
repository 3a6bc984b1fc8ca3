import { randomUUID } from 'node:crypto';
import {
  CONTROL_TYPES,
  encodeCloudEvent,
  ROLES,
  SOURCES,
  TOPICS,
  type CloudEvent,
  type KeyCreatedData,
  type KeyRevokedData,
  type Role,
} from '#libs/contracts';
import { formatInstant, nearestName, ProblemError } from '#libs/kernel';
import { SerialProducer } from '#libs/messaging';
import { clock, waitFor } from '../clock.js';
import { UsageError } from '../errors.js';
import { makeApiKey } from '../stack/admin-key.js';
import { findStack, StackClient } from '../stack/client.js';
import { SERVICE_NAMES } from '../stack/ports.js';
import { kafkaClient } from '../stack/topics.js';
import { table } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import { readTopics } from '../topics/read-topic.js';
import type { StackSelector } from './options.js';

type JsonOption = { readonly json?: boolean };

const KNOWN_WITHIN_MS = 10_000;

/** `key create`: makes a key, puts its hash on the control topic, shows the key this once. */
export async function createKey(
  options: StackSelector & JsonOption & { readonly source?: string; readonly role: string },
  terminal: Terminal,
): Promise<void> {
  const role = roleOf(options.role);
  if (role === 'upstream' && !options.source) {
    throw new UsageError({
      code: 'SOURCE_MISSING',
      detail: 'the CloudEvents source that an upstream key may speak for → none given',
      advice: 'add --source S, for example --source shop',
    });
  }
  const client = findStack(options);
  const key = makeApiKey();
  const data: KeyCreatedData = {
    keyId: key.keyId,
    secretHash: key.secretHash,
    source: options.source ?? null,
    role,
    createdAt: formatInstant(clock.nowMs()),
  };
  await announce(client, CONTROL_TYPES.keyCreated, data);
  await awaitKnown(client, key.text);
  if (options.json) return terminal.json({ id: key.keyId, key: key.text });
  terminal.line(
    `✓ key ${key.keyId} (${role}${options.source ? `, source ${options.source}` : ''}); it is shown only this once:`,
  );
  terminal.line(`  ${key.text}`);
  terminal.line(`  send it as: Authorization: Bearer KEY`);
}

/** `key list`: ids, roles and sources; never a key. */
export async function listKeys(options: StackSelector & JsonOption, terminal: Terminal): Promise<void> {
  const keys = await readKeys(findStack(options));
  if (options.json) return terminal.json(keys);
  if (keys.length === 0) return terminal.line('no keys yet: ./makegood key create --source S --role upstream');
  const rows = keys.map((key) => [
    key.id,
    key.role,
    key.source ?? '–',
    key.createdAt,
    key.revoked ? '✗ revoked' : '✓ valid',
  ]);
  for (const line of table(['id', 'role', 'source', 'created', 'state'], rows)) terminal.line(line);
}

/** `key revoke ID`: every service refuses the key from then on. */
export async function revokeKey(id: string, options: StackSelector & JsonOption, terminal: Terminal): Promise<void> {
  const client = findStack(options);
  const keys = await readKeys(client);
  if (!keys.some((key) => key.id === id)) {
    const near = nearestName(
      id,
      keys.map((key) => key.id),
    );
    throw new ProblemError({
      code: 'KEY_UNKNOWN',
      detail: `key ${id} → unknown${near ? `. Did you mean ${near}?` : ''}`,
      advice: './makegood key list shows the ids',
    });
  }
  const data: KeyRevokedData = { keyId: id };
  await announce(client, CONTROL_TYPES.keyRevoked, data);
  if (options.json) terminal.json({ id, revoked: true });
  else terminal.line(`✓ key ${id} revoked`);
}

interface ListedKey {
  readonly id: string;
  readonly role: Role;
  readonly source: string | null;
  readonly createdAt: string;
  readonly revoked: boolean;
}

async function readKeys(client: StackClient): Promise<ListedKey[]> {
  const keys = new Map<string, ListedKey>();
  await readTopics(
    { brokers: client.brokers, topics: [TOPICS.control], from: 'earliest', untilEnd: true },
    ({ text }) => {
      const event = JSON.parse(text) as CloudEvent<unknown>;
      if (event.type === CONTROL_TYPES.keyCreated) {
        const { keyId, role, source, createdAt } = event.data as KeyCreatedData;
        keys.set(keyId, { id: keyId, role, source, createdAt, revoked: keys.get(keyId)?.revoked ?? false });
      } else if (event.type === CONTROL_TYPES.keyRevoked) {
        const known = keys.get((event.data as KeyRevokedData).keyId);
        if (known) keys.set(known.id, { ...known, revoked: true });
      }
    },
  );
  return [...keys.values()];
}

async function announce(client: StackClient, type: string, data: KeyCreatedData | KeyRevokedData): Promise<void> {
  const event: CloudEvent<unknown> = {
    specversion: '1.0',
    id: randomUUID(),
    source: SOURCES.operator,
    type,
    subject: data.keyId,
    time: formatInstant(clock.nowMs()),
    data,
  };
  const producer = new SerialProducer(kafkaClient(client.brokers), clock);
  try {
    await producer.send([{ topic: TOPICS.control, partition: 0, key: data.keyId, value: encodeCloudEvent(event) }]);
  } finally {
    await producer.close();
  }
}

/** A key that was printed works at once: any answer but 401 shows that a service has learned of it. */
async function awaitKnown(client: StackClient, keyText: string): Promise<void> {
  const asKey = new StackClient(client.dataDir, client.portBase, client.state, keyText);
  const known = await waitFor(
    async () => {
      const answers = await Promise.all(
        SERVICE_NAMES.map((name) => asKey.request(name, '/progress').catch(() => null)),
      );
      return answers.every((answer) => answer !== null && answer.status !== 401) ? true : null;
    },
    { withinMs: KNOWN_WITHIN_MS },
  );
  if (known) return;
  throw new ProblemError({
    code: 'KEY_NOT_TAKEN_UP',
    detail: `every service to know the new key → not within ${KNOWN_WITHIN_MS / 1_000} s`,
    advice: 'look at ./makegood status; the key will work once they are back, but was not shown: make another',
  });
}

function roleOf(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (role) return role;
  const near = nearestName(text, ROLES);
  throw new UsageError({
    code: 'ROLE_UNKNOWN',
    detail: `role "${text}" → unknown${near ? `. Did you mean ${near}?` : ''}`,
    advice: `known: ${ROLES.join(', ')}`,
  });
}
