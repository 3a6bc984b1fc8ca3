import { hash } from 'node:crypto';

/** makegood's own UUID namespace: every id is derived from names, never from time, attempt or instance. */
const NAMESPACE = 'b0b7d8f4-2f5e-5a0c-9d57-6d616b65676f';

const scratch = Buffer.alloc(1_024);
/** The namespace that stands at the head of `scratch`. */
let scratchNamespace = '';

/** A name-based UUID (RFC 9562, version 5) in one call of the hash: ids are made for every fact and announcement. */
function uuidv5(name: string, namespace: string): string {
  // Three bytes at most for each unit of UTF-16.
  const bytes = 16 + name.length * 3 <= scratch.length ? scratch : Buffer.alloc(16 + name.length * 3);
  if (bytes !== scratch || namespace !== scratchNamespace) {
    bytes.write(namespace.replaceAll('-', ''), 0, 16, 'hex');
    if (bytes === scratch) scratchNamespace = namespace;
  }
  const length = 16 + bytes.write(name, 16, 'utf8');
  const hex = hash('sha1', bytes.subarray(0, length), 'hex');
  const variant = '89ab'[Number.parseInt(hex[16] as string, 16) & 3] as string;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** One promise: (guarantee, subject, cycle). */
export function promiseIdOf(guarantee: string, subject: string, cycle: string): string {
  return uuidv5(JSON.stringify([guarantee, subject, cycle]), NAMESPACE);
}

/** The breach of a promise; the same through retraction and reinstatement. */
export function breachIdOf(promiseId: string): string {
  return uuidv5('breach', promiseId);
}

/** The n-th event announced about a promise. */
export function promiseEventIdOf(promiseId: string, sequence: number): string {
  return uuidv5(String(sequence), promiseId);
}

/** What is owed for one promise, whatever lines it is made of. */
export function compensationIdOf(promiseId: string): string {
  return uuidv5('compensation', promiseId);
}

/** The n-th line (from 1) of a remedy for one breach; also its idempotency key for finance. */
export function lineIdOf(breachId: string, remedyId: string, n: number): string {
  return uuidv5(JSON.stringify([remedyId, n]), breachId);
}

/** Any id derived from a UUID and a name, for events about the thing that the UUID names. */
export function derivedIdOf(uuid: string, ...names: (string | number)[]): string {
  return uuidv5(JSON.stringify(names), uuid);
}

/** An id for something that has no UUID of its own to derive from. */
export function nameIdOf(...names: (string | number)[]): string {
  return uuidv5(JSON.stringify(names), NAMESPACE);
}

/** Names a content: equal texts give equal hashes. Half of SHA-256, which nobody finds a second text for. */
export function contentHashOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}
