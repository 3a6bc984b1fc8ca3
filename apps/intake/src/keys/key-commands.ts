import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import {
  CONTROL_TYPES,
  encodeCloudEvent,
  SOURCES,
  TOPICS,
  type CloudEvent,
  type KeyCreatedEvent,
  type KeyRevokedEvent,
  type Role,
} from '#libs/contracts';
import { formatInstant, type Clock } from '#libs/kernel';
import type { RecordProducer } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import { formatApiKey, hashSecret, newApiKey } from '#libs/security';
import { CLOCK, DATABASE, HttpProblem, PRODUCER } from '#libs/service';

export interface KeyListed {
  readonly id: string;
  readonly role: Role;
  readonly source: string | null;
  readonly createdAt: string;
  readonly revoked: boolean;
}

const LIST_KEYS = `
select key_id as id, role, source, created_at as "createdAt", revoked from api_key order by created_at, key_id`;
const FIND_KEY = 'select revoked from api_key where key_id = $1';
const APPLIED_WITHIN_MS = 5_000;
const POLL_MS = 20;

/** Keys are commands in the control topic: every service learns them from there, and only their hash. */
@Injectable()
export class KeyCommands {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(PRODUCER) private readonly producer: RecordProducer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  list(): Promise<KeyListed[]> {
    return this.database.query<KeyListed>(LIST_KEYS);
  }

  /** @returns the key itself, this once. */
  async create(role: Role, source: string | null): Promise<{ id: string; key: string }> {
    const key = newApiKey();
    const time = formatInstant(this.clock.nowMs());
    const event: KeyCreatedEvent = {
      ...this.envelope(CONTROL_TYPES.keyCreated, key.keyId, time),
      data: { keyId: key.keyId, secretHash: hashSecret(key.secret), source, role, createdAt: time },
    };
    await this.send(event);
    await this.untilApplied(key.keyId, () => true);
    return { id: key.keyId, key: formatApiKey(key) };
  }

  async revoke(keyId: string): Promise<void> {
    const [known] = await this.database.query<{ revoked: boolean }>(FIND_KEY, [keyId]);
    if (!known)
      throw new HttpProblem(404, {
        code: 'KEY_NOT_FOUND',
        detail: `no key has the id ${keyId.slice(0, 40)}`,
        advice: 'list them: ./makegood key list',
      });
    if (known.revoked) return;
    const event: KeyRevokedEvent = {
      ...this.envelope(CONTROL_TYPES.keyRevoked, keyId, formatInstant(this.clock.nowMs())),
      data: { keyId },
    };
    await this.send(event);
    await this.untilApplied(keyId, ({ revoked }) => revoked);
  }

  private envelope(type: string, subject: string, time: string) {
    return { specversion: '1.0' as const, id: randomUUID(), source: SOURCES.intake, type, subject, time };
  }

  private async send(event: CloudEvent<unknown>): Promise<void> {
    await this.producer.send([
      { topic: TOPICS.control, partition: 0, key: event.subject, value: encodeCloudEvent(event) },
    ]);
  }

  /** Our own table follows the control topic: when it knows, so will every request that comes to us. */
  private async untilApplied(keyId: string, isApplied: (row: { revoked: boolean }) => boolean): Promise<void> {
    const until = this.clock.nowMs() + APPLIED_WITHIN_MS;
    while (this.clock.nowMs() < until) {
      const [row] = await this.database.query<{ revoked: boolean }>(FIND_KEY, [keyId]);
      if (row && isApplied(row)) return;
      await this.clock.sleep(POLL_MS);
    }
    const detail = 'the command is in the control topic, but this service has not read it within 5 s';
    throw new HttpProblem(
      503,
      { code: 'COMMAND_PENDING', detail, advice: 'list the keys in a moment' },
      { headers: { 'Retry-After': '2' } },
    );
  }
}
