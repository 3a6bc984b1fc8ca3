import type { Request } from 'express';
import { EVENT_LIMITS } from '#libs/contracts';
import { HttpProblem } from '#libs/service';

/** What is being received, of one sender or of all. */
interface Held {
  requests: number;
  bytes: number;
}

/** A sender may hold at most so many times what is free: one that floods is left four fifths, and a fifth is there for others. */
const SHARE_OF_FREE_MAX = 4;

/**
 * Bounds what is being read and answered at one time, in requests and in bytes: a sender that is too fast is told 429,
 * the process never runs out of memory. Each sender's bound follows from what is free at that moment, so that those who flood
 * together share what one of them would have, and whoever sends little always finds room.
 */
export class Admission {
  private readonly all: Held = { requests: 0, bytes: 0 };
  private readonly bySender = new Map<string, Held>();

  constructor(
    private readonly requestsMax: number,
    private readonly bytesMax: number,
  ) {}

  /**
   * Reads the body and keeps its room until `work` is done.
   * @param sender id of the key that it came with
   * @throws HttpProblem 413, 415, 429
   */
  async withBody<T>(request: Request, sender: string, work: (body: Buffer) => Promise<T>): Promise<T> {
    const declared = Number(request.headers['content-length'] ?? EVENT_LIMITS.batchBytesMax);
    if (declared > EVENT_LIMITS.batchBytesMax) throw bodyTooLarge();
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      throw new HttpProblem(415, {
        code: 'ENCODING_UNSUPPORTED',
        detail: `the content-encoding ${encoding} is not read here`,
        advice: 'send the body as it is',
      });
    }
    const own = this.bySender.get(sender) ?? { requests: 0, bytes: 0 };
    if (!this.hasRoom(own, declared)) {
      const problem = {
        code: 'TOO_MANY_IN_FLIGHT',
        detail: 'too much is being received at once',
        advice: 'send again after the named seconds',
      };
      throw new HttpProblem(429, problem, { headers: { 'Retry-After': '1' } });
    }
    this.bySender.set(sender, own);
    for (const held of [this.all, own]) [held.requests, held.bytes] = [held.requests + 1, held.bytes + declared];
    try {
      return await work(await readBody(request));
    } finally {
      for (const held of [this.all, own]) [held.requests, held.bytes] = [held.requests - 1, held.bytes - declared];
      if (own.requests === 0) this.bySender.delete(sender);
    }
  }

  /** One request of a sender who has none under way fits wherever there is room at all. */
  private hasRoom(own: Held, bytes: number): boolean {
    const freeRequests = this.requestsMax - this.all.requests;
    const freeBytes = this.bytesMax - this.all.bytes;
    if (freeRequests <= 0 || (this.all.requests > 0 && bytes > freeBytes)) return false;
    if (own.requests === 0) return true;
    return (
      own.requests < SHARE_OF_FREE_MAX * freeRequests && own.bytes + bytes <= SHARE_OF_FREE_MAX * (freeBytes - bytes)
    );
  }
}

async function readBody(request: Request): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > EVENT_LIMITS.batchBytesMax) throw bodyTooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

function bodyTooLarge(): HttpProblem {
  const detail = `a body has at most ${EVENT_LIMITS.batchBytesMax} bytes`;
  // The rest of the body stays unread: the connection cannot serve another request.
  return new HttpProblem(
    413,
    { code: 'BODY_TOO_LARGE', detail, advice: 'send fewer events at a time' },
    { headers: { Connection: 'close' } },
  );
}
