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
  /** In minor units; null: nobody asks for it. */
  readonly postageMinor: number | null;
}

const fillers = new Map<string, string>();

/** One JSON text as long as the product's; its id follows from the subject, so that a repetition is recognised. */
export function announcementOf(kind: string, told: Told, bytesByKind: Readonly<Record<string, number>>): Announcement {
  const { subject, customer, dueMs, atMs, postageMinor } = told;
  const more = {
    customer,
    due: new Date(dueMs).toISOString(),
    ...(atMs === null ? {} : { at: new Date(atMs).toISOString() }),
    ...(postageMinor === null ? {} : { postageMinor }),
  };
  return eventOf(`makegood.promise.${kind}`, subject, customer, more, bytesByKind[kind] ?? 1_000);
}

/** @param about whose event of this type it is: with it, a repetition has the same id. @param bytes of the whole text. */
export function eventOf(type: string, about: string, customer: string, more: object, bytes: number): Announcement {
  const id = createHash('sha1').update(`${about}/${type}`).digest('hex');
  const text = JSON.stringify({ specversion: '1.0', id, source: 'bench/floor', type, subject: about, ...more });
  return {
    partition: partitionOf(customer, DEFAULT_SHARD_COUNT),
    key: customer,
    value: `${text.slice(0, -1)},"filler":"${fillerOf(type, bytes - text.length)}"}`,
  };
}

function fillerOf(type: string, length: number): string {
  const wanted = Math.max(0, length - 12);
  const name = `${type}/${wanted}`;
  let filler = fillers.get(name);
  if (filler === undefined)
    fillers.set(name, (filler = 'as long as the announcement of the product '.repeat(100).slice(0, wanted)));
  return filler;
}
