import { HttpProblem } from '#libs/service';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

export interface LineCursor {
  readonly issuedAtMs: number;
  readonly lineId: string;
}

/** @throws HttpProblem 400 unless 1 to 1,000; 100 when it is not given. */
export function readLimit(text: string | undefined): number {
  if (text === undefined) return LIMIT_DEFAULT;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new HttpProblem(400, { code: 'LIMIT_INVALID', detail: `limit: 1 to ${LIMIT_MAX} expected, found ${text}` });
}

/** Cursors are opaque to callers: where the page before ended. */
export function writeCursor({ issuedAtMs, lineId }: LineCursor): string {
  return Buffer.from(`${issuedAtMs} ${lineId}`).toString('base64url');
}

/** @throws HttpProblem 400 for a cursor that no page gave. */
export function readCursor(text: string | undefined): LineCursor | null {
  if (text === undefined || text === '') return null;
  const [issuedAt, lineId] = Buffer.from(text, 'base64url').toString('utf8').split(' ');
  if (/^\d{1,15}$/.test(issuedAt ?? '') && /^[0-9a-f-]{36}$/.test(lineId ?? '')) {
    return { issuedAtMs: Number(issuedAt), lineId: lineId as string };
  }
  throw new HttpProblem(400, { code: 'CURSOR_INVALID', detail: 'cursor: the `next` of the page before expected' });
}
