import { hash } from 'node:crypto';

/** makegood's own UUID namespace: every id is derived from names, never from time, attempt or instance. */
const NAMESPACE = 'b0b7d8f4-2f5e-5a0c-9d57-6d616b65676f';

/** Names up to about this length are hashed in a buffer that is there already. */
const NAME_BYTES_MAX = 500;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;

/** Room for a name behind the 16 bytes of its namespace: ids are made for every promise and announcement. */
class Scratch {
  private readonly bytes = Buffer.alloc(16 + NAME_BYTES_MAX + 16);
  /** The bytes up to each length that was asked for: a view is dearer than the name that is written into it. */
  private readonly upTo: Buffer[] = [];
  private namespace = '';
  private end = 16;

  begin(namespace: string): this {
    this.end = 16;
    if (namespace === this.namespace) return this;
    this.bytes.write(namespace.replaceAll('-', ''), 0, 16, 'hex');
    this.namespace = namespace;
    return this;
  }

  byte(code: number): void {
    this.bytes[this.end++] = code;
  }

  /** Adds a text of ASCII; null: it is none, or there is no room for it. */
  ascii(text: string): this | null {
    const { bytes, end } = this;
    const { length } = text;
    if (end + length > NAME_BYTES_MAX) return null;
    for (let n = 0; n < length; n++) {
      const code = text.charCodeAt(n);
      if (code > 0x7f) return null;
      bytes[end + n] = code;
    }
    this.end = end + length;
    return this;
  }

  /** Adds a text as JSON quotes it; null: JSON would write other than what stands there, or there is no room. */
  quoted(text: string, then: number): this | null {
    const from = this.end + 1;
    this.byte(QUOTE);
    if (this.ascii(text) === null) return null;
    for (let at = from; at < this.end; at++) {
      const code = this.bytes[at] as number;
      if (code < 0x20 || code === QUOTE || code === BACKSLASH) return null;
    }
    this.byte(QUOTE);
    this.byte(then);
    return this;
  }

  /** Namespace and name as they are hashed; good until the next beginning. */
  written(): Buffer {
    return (this.upTo[this.end] ??= this.bytes.subarray(0, this.end));
  }
}

/** One for our own namespace, which most names are in, and one for whatever promise comes along. */
const ofOurs = new Scratch();
const ofOthers = new Scratch();

/** A name-based UUID (RFC 9562, version 5) in one call of the hash. */
function uuidv5(name: string, namespace: string): string {
  const scratch = namespace === NAMESPACE ? ofOurs : ofOthers;
  const written = scratch.begin(namespace).ascii(name)?.written();
  return uuidOf(written ?? Buffer.concat([Buffer.from(namespace.replaceAll('-', ''), 'hex'), Buffer.from(name)]));
}

function uuidOf(bytes: Buffer): string {
  const hex = hash('sha1', bytes, 'hex');
  const variant = '89ab'[Number.parseInt(hex[16] as string, 16) & 3] as string;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** One promise: (guarantee, subject, cycle). The name is their JSON list, which most can be hashed without making. */
export function promiseIdOf(guarantee: string, subject: string, cycle: string): string {
  const scratch = ofOurs.begin(NAMESPACE);
  scratch.byte(OPEN);
  const list = scratch.quoted(guarantee, COMMA)?.quoted(subject, COMMA)?.quoted(cycle, CLOSE);
  return list ? uuidOf(list.written()) : uuidv5(JSON.stringify([guarantee, subject, cycle]), NAMESPACE);
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
