import { createHash } from 'node:crypto';
import { DEFAULT_SHARD_COUNT, partitionOf } from '#libs/contracts';

/** An announcement on its way: `partition`, the key, the text as it goes out. */
export interface Announcement {
  readonly partition: number;
  readonly key: string;
  readonly value: string;
}

export interface Told {
  readonly subject: string;
  readonly customer: string;
  readonly dueMs: number;
  readonly atMs: number | null;
}

const fillers = new Map<string, string>();

/** One JSON text as long as the product's; its id follows from the subject, so that a repetition is recognised. */
export function announcementOf(kind: string, told: Told, bytesByKind: Readonly<Record<string, number>>): Announcement {
  const id = createHash('sha1').update(`${told.subject}/${kind}`).digest('hex');
  const body = {
    specversion: '1.0',
    id,
    source: 'bench/floor',
    type: `makegood.promise.${kind}`,
    subject: told.subject,
    customer: told.customer,
    due: new Date(told.dueMs).toISOString(),
    ...(told.atMs === null ? {} : { at: new Date(told.atMs).toISOString() }),
  };
  const text = JSON.stringify(body);
  return {
    partition: partitionOf(told.customer, DEFAULT_SHARD_COUNT),
    key: told.customer,
    value: `${text.slice(0, -1)},"filler":"${fillerOf(kind, (bytesByKind[kind] ?? 1_000) - text.length)}"}`,
  };
}

function fillerOf(kind: string, length: number): string {
  const wanted = Math.max(0, length - 12);
  const name = `${kind}/${wanted}`;
  let filler = fillers.get(name);
  if (filler === undefined)
    fillers.set(name, (filler = 'as long as the announcement of the product '.repeat(100).slice(0, wanted)));
  return filler;
}
