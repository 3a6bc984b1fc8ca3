import { hash } from 'node:crypto';

/** makegood's own UUID namespace: every id is derived from names, never from time, attempt or instance. */
const NAMESPACE = 'b0b7d8f4-2f5e-5a0c-9d57-6d616b65676f';

/** Names up to this length are hashed in a buffer that is there already. */
const NAME_CHARS_MAX = 300;

/** Room for a name behind the 16 bytes of its namespace: ids are made for every promise and announcement. */
class Scratch {
  private readonly bytes = Buffer.alloc(16 + NAME_CHARS_MAX * 3); // three bytes at most for each unit of UTF-16
  private namespace = '';

  /** Namespace and name, as they are hashed; good until the next call. */
  hold(name: string, namespace: string): Buffer {
    if (name.length > NAME_CHARS_MAX)
      return Buffer.concat([Buffer.from(namespace.replaceAll('-', ''), 'hex'), Buffer.from(name)]);
    if (namespace !== this.namespace) {
      this.bytes.write(namespace.replaceAll('-', ''), 0, 16, 'hex');
      this.namespace = namespace;
    }
    return this.bytes.subarray(0, 16 + this.bytes.write(name, 16, 'utf8'));
  }
}

/** One for our own namespace, which most names are in, and one for whatever promise comes along. */
const ofOurs = new Scratch();
const ofOthers = new Scratch();

/** A name-based UUID (RFC 9562, version 5) in one call of the hash. */
function uuidv5(name: string, namespace: string): string {
  const scratch = namespace === NAMESPACE ? ofOurs : ofOthers;
  const hex = hash('sha1', scratch.hold(name, namespace), 'hex');
  const variant = '89ab'[Number.parseInt(hex[16] as string, 16) & 3] as string;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Text that JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;
const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

/** One promise: (guarantee, subject, cycle). */
export function promiseIdOf(guarantee: string, subject: string, cycle: string): string {
  return uuidv5(`[${quoted(guarantee)},${quoted(subject)},${quoted(cycle)}]`, NAMESPACE);
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
