import { CONTROL_TYPES, TOPICS } from '#libs/contracts';
import type { CloudEvent, GuaranteesActivatedData, KeyCreatedData, KeyRevokedData } from '#libs/contracts';
import type { BatchOutcome, LogRecord, RecordBatch } from '#libs/messaging';
import { isInfrastructureError, type Database, type Sql } from '#libs/persistence';
import type { Clock } from '#libs/kernel';
import type { Logger } from '#libs/observability';
import { saveTermsFiles } from './terms-files.js';

const SAVE_SET = `
insert into guarantee_set (control_offset, set_hash, members) values ($1, $2, $3) on conflict do nothing`;
const SAVE_KEY = `
insert into api_key (key_id, secret_hash, source, role, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing`;
const REVOKE_KEY = `update api_key set revoked = true where key_id = $1`;

/**
 * Keeps the service's table of the control topic. Every statement is idempotent, so instances may follow side by side
 * and a batch may come again: no fence is needed.
 */
export class ControlFollower {
  private readonly listeners: (() => void)[] = [];
  private soughtTo: number | null = null;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Called after each change, e.g. to forget cached keys. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  async handle(batch: RecordBatch): Promise<BatchOutcome> {
    for (;;) {
      try {
        return await this.handleOnce(batch);
      } catch (error) {
        if (!isInfrastructureError(error))
          this.logger.error({ error: (error as Error).message }, 'control record failed');
        await this.clock.sleep(1_000);
        if (batch.isStale()) return { kind: 'abandon', error: error as Error };
        const rebalance = await batch.heartbeat().then(
          () => null,
          (e: Error) => e,
        );
        if (rebalance) return { kind: 'abandon', error: rebalance };
      }
    }
  }

  private async handleOnce(batch: RecordBatch): Promise<BatchOutcome> {
    const [row] = await this.database.query<{ next: number }>('select next_offset as next from control_offset');
    const next = row?.next ?? 0;
    const first = batch.records[0]?.offset ?? next;
    const last = batch.records.at(-1)?.offset ?? next - 1;
    // Offsets have gaps: what comes after a seek to `next` is the next there is.
    if (last < next || (first > next && this.soughtTo !== next)) {
      this.soughtTo = next;
      return { kind: 'seek', offset: next };
    }
    this.soughtTo = null;
    await this.database.transaction(async (tx) => {
      for (const record of batch.records) if (record.offset >= next) await this.apply(record, tx);
      await tx.query('update control_offset set next_offset = greatest(next_offset, $1)', [last + 1]);
    });
    for (const listener of this.listeners) listener();
    return { kind: 'done', nextOffset: last + 1 };
  }

  private async apply(record: LogRecord, tx: Sql): Promise<void> {
    const event = JSON.parse(record.value.toString('utf8')) as CloudEvent<unknown>;
    if (event.type === CONTROL_TYPES.guaranteesActivated) {
      const { files, setHash } = event.data as GuaranteesActivatedData;
      await saveTermsFiles(files, tx);
      await tx.query(SAVE_SET, [record.offset, setHash, JSON.stringify(files.map(({ hash }) => hash))]);
    } else if (event.type === CONTROL_TYPES.keyCreated) {
      const key = event.data as KeyCreatedData;
      await tx.query(SAVE_KEY, [key.keyId, key.secretHash, key.source, key.role, key.createdAt]);
    } else if (event.type === CONTROL_TYPES.keyRevoked) {
      await tx.query(REVOKE_KEY, [(event.data as KeyRevokedData).keyId]);
    }
  }
}

export const CONTROL_TOPIC = TOPICS.control;
