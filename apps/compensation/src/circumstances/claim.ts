import type { CloudEvent } from '#libs/contracts';
import { parseInstant, type InstantMs } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Rejected } from '#libs/shard-log';
import { UUID } from '../settlements/read-settlement.js';

export const CLAIM_TYPE = 'claim.filed';

/** Somebody asks for what a promise grants: named by its id, its subject or numbers that others know it by. */
export interface Claim {
  readonly source: string;
  readonly eventId: string;
  readonly promiseId: string | null;
  readonly subject: string | null;
  readonly refs: Readonly<Record<string, string>>;
  readonly claimant: string;
  readonly channel: string | null;
  readonly atMs: InstantMs;
  readonly wants: string | null;
  /** The key of whom of ours filed it; null: the claimant did. */
  readonly actor: string | null;
  /** How often it was answered before. */
  readonly answers: number;
}

const TEXT_CHARS_MAX = 200;
const REFS_MAX = 20;

export function readClaim(record: LogRecord, event: CloudEvent): Claim | Rejected {
  const { promise, subject, refs, claimant, channel, at, wants } = event.data ?? {};
  const promiseId = typeof promise === 'string' && UUID.test(promise) ? promise.toLowerCase() : null;
  const named =
    textOf(subject) ?? (promiseId === null && Object.keys(refsOf(refs)).length === 0 ? event.subject : null);
  const atMs = parseInstant(at ?? event.time);
  if (atMs === null) return invalid(record, 'data.at: an RFC 3339 instant expected');
  if (textOf(claimant) === null) return invalid(record, 'data.claimant: a text of 1 to 200 characters expected');
  if (promise !== undefined && promiseId === null) return invalid(record, 'data.promise: a promise id (UUID) expected');
  return {
    source: event.source,
    eventId: event.id,
    promiseId,
    subject: named,
    refs: refsOf(refs),
    claimant: textOf(claimant) as string,
    channel: textOf(channel),
    atMs,
    wants: textOf(wants),
    actor: textOf(event['actor']),
    answers: 0,
  };
}

/** A claim's numbers are found by the first of them. */
export function refKeyOf(refs: Readonly<Record<string, string>>): string | null {
  const [first] = Object.entries(refs).sort(([a], [b]) => (a < b ? -1 : 1));
  return first ? `${first[0]}=${first[1]}` : null;
}

interface Claimed {
  readonly promiseId: string;
  readonly subject: string;
  readonly refs: Readonly<Record<string, string>>;
}

export function isAbout(claim: Pick<Claim, 'promiseId' | 'subject' | 'refs'>, promise: Claimed): boolean {
  if (claim.promiseId !== null) return claim.promiseId === promise.promiseId;
  if (claim.subject !== null) return claim.subject === promise.subject;
  return Object.entries(claim.refs).every(([name, value]) => promise.refs[name] === value);
}

function refsOf(refs: unknown): Record<string, string> {
  if (typeof refs !== 'object' || refs === null) return {};
  const texts = Object.entries(refs).filter((entry): entry is [string, string] => textOf(entry[1]) !== null);
  return Object.fromEntries(texts.slice(0, REFS_MAX));
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= TEXT_CHARS_MAX ? value : null;
}

function invalid(record: LogRecord, detail: string): Rejected {
  return { record, reason: 'CLAIM_INVALID', detail };
}
