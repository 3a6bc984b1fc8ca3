import { DEAD_LETTER_TYPE, LETTER_DECIDED_TYPE, type CloudEvent } from '#libs/contracts';
import type { DeadLetterData, DeadLetterEvent, LetterDecidedData } from '#libs/contracts';
import { formatInstant, parseInstant } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Database, Sql } from '#libs/persistence';

export interface LetterView {
  readonly id: string;
  readonly at: string;
  /** The service that could not take it. */
  readonly service: string;
  readonly reason: string;
  readonly detail: string;
  readonly subject: string;
  readonly topic: string;
  readonly status: 'open' | 'replayed' | 'discarded';
  readonly decidedBy: string | null;
  readonly decideReason: string | null;
}

export interface LetterDetail extends LetterView {
  /** As it was read: text, or base64 where it is no UTF-8. */
  readonly original: string;
  readonly partition: number;
  readonly offset: string;
  /** Later records of its key wait behind it, in the service that wrote it. */
  readonly parked: boolean;
}

interface Row {
  readonly id: string;
  readonly atMs: number;
  readonly service: string;
  readonly reason: string;
  readonly subject: string;
  readonly letter: string;
  readonly status: LetterView['status'];
  readonly decidedBy: string | null;
  readonly decideReason: string | null;
}

const SAVE = `
insert into dead_letter (letter_id, shard, at_ms, service, reason, subject, letter) values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing`;
const DECIDE = `
update dead_letter set status = $2, decided_by = $3, decide_reason = $4 where letter_id = $1 and status = 'open'`;
const COLUMNS = `
select letter_id as id, at_ms as "atMs", service, reason, subject, letter, status, decided_by as "decidedBy",
  decide_reason as "decideReason"
from dead_letter`;
const LIST = `${COLUMNS}
where ($1::text is null or status = $1) and ($2::text is null or subject = $2)
  and ($3::bigint is null or (at_ms, letter_id) > ($3, $4))
order by at_ms, letter_id limit $5`;
const FIND = `${COLUMNS} where letter_id = $1`;

/** Every service's dead letters and what was done about them, as the topic tells it. */
export class LetterBook {
  constructor(private readonly database: Database) {}

  /** Records of one partition of `makegood.dlq.v1`; what is no letter is none of ours. */
  static async take(records: readonly LogRecord[], tx: Sql): Promise<void> {
    for (const record of records) {
      const event = readEvent(record);
      if (event?.type === DEAD_LETTER_TYPE) await save(record.partition, event as unknown as DeadLetterEvent, tx);
      else if (event?.type === LETTER_DECIDED_TYPE) {
        const { id, status, by, reason } = event.data as unknown as LetterDecidedData;
        await tx.query(DECIDE, [id, status, by, storable(reason)]);
      }
    }
  }

  async list(filter: {
    readonly status: string | null;
    readonly subject: string | null;
    readonly after: { readonly atMs: number; readonly id: string } | null;
    readonly limit: number;
  }): Promise<{ letters: LetterView[]; cursor: string | null }> {
    const { status, subject, after, limit } = filter;
    const params = [status, subject, after?.atMs ?? null, after?.id ?? null, limit];
    const rows = await this.database.query<Row>(LIST, params);
    const last = rows.at(-1);
    return {
      letters: rows.map((row) => viewOf(row)),
      cursor: last && rows.length === limit ? `${last.atMs}/${last.id}` : null,
    };
  }

  async find(id: string): Promise<LetterDetail | null> {
    const [row] = await this.database.query<Row>(FIND, [id]);
    if (!row) return null;
    const { original, partition, offset, parked = false } = dataOf(row);
    return { ...viewOf(row), original, partition, offset, parked };
  }
}

async function save(shard: number, { id, source, subject, time, data }: DeadLetterEvent, tx: Sql): Promise<void> {
  const letter = JSON.stringify(data); // escapes what PostgreSQL cannot keep
  const service = source.replace(/^makegood\//, '');
  await tx.query(SAVE, [id, shard, parseInstant(time) ?? 0, service, data.reason, storable(subject), letter]);
}

function readEvent({ value }: LogRecord): CloudEvent | null {
  try {
    const event = JSON.parse(value.toString('utf8')) as CloudEvent | null;
    return typeof event?.id === 'string' && typeof event.data === 'object' && event.data !== null ? event : null;
  } catch {
    return null;
  }
}

function storable(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}

function dataOf({ letter }: Row): DeadLetterData {
  return JSON.parse(letter) as DeadLetterData;
}

function viewOf(row: Row): LetterView {
  const { detail, topic } = dataOf(row);
  const { id, atMs, service, reason, subject, status, decidedBy, decideReason } = row;
  return { id, at: formatInstant(atMs), service, reason, detail, subject, topic, status, decidedBy, decideReason };
}
