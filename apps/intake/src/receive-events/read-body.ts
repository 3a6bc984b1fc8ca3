import type { Request } from 'express';
import { EVENT_LIMITS } from '#libs/contracts';
import { HttpProblem } from '#libs/service';

/**
 * Bounds what is being read and answered at one time, in requests and in bytes: a sender that is too fast is told 429,
 * the process never runs out of memory.
 */
export class Admission {
  private requests = 0;
  private bytes = 0;

  constructor(
    private readonly requestsMax: number,
    private readonly bytesMax: number,
  ) {}

  /** Reads the body and keeps its room until `work` is done. @throws HttpProblem 413, 415, 429 */
  async withBody<T>(request: Request, work: (body: Buffer) => Promise<T>): Promise<T> {
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
    if (this.requests >= this.requestsMax || (this.requests > 0 && this.bytes + declared > this.bytesMax)) {
      const problem = {
        code: 'TOO_MANY_IN_FLIGHT',
        detail: 'too much is being received at once',
        advice: 'send again after the named seconds',
      };
      throw new HttpProblem(429, problem, { headers: { 'Retry-After': '1' } });
    }
    this.requests++;
    this.bytes += declared;
    try {
      return await work(await readBody(request));
    } finally {
      this.requests--;
      this.bytes -= declared;
    }
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
