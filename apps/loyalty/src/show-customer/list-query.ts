import type { Segment, Tier } from '#libs/loyalty-model';
import { nearestName } from '#libs/kernel';
import { HttpProblem } from '#libs/service';

const TIERS: Readonly<Record<Tier, true>> = { advocate: true, loyal: true, neutral: true, at_risk: true, broken: true };
const SEGMENTS: Readonly<Record<Segment, true>> = {
  new: true,
  true_loyal: true,
  latent_loyal: true,
  spurious_loyal: true,
  no_loyalty: true,
};
const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;

/** The query string of `GET /customers`, as it came. */
export interface ListQuery {
  readonly segment?: unknown;
  readonly tier?: unknown;
  readonly level?: unknown;
  readonly limit?: unknown;
  readonly cursor?: unknown;
}

export interface ListRequest {
  readonly segment: string | null;
  readonly tier: string | null;
  readonly limit: number;
  /** The customer after which the page starts. */
  readonly after: string | null;
}

/** @throws HttpProblem 400 QUERY_INVALID naming the parameter. */
export function readListQuery(query: ListQuery): ListRequest {
  return {
    segment: oneOf('segment', query.segment, Object.keys(SEGMENTS)),
    tier: oneOf('tier', query.tier, Object.keys(TIERS)),
    limit: limitOf(query.limit),
    after: afterOf(query.cursor),
  };
}

/** @throws HttpProblem 400 QUERY_INVALID naming the parameter. */
export function readRiskQuery(
  query: ListQuery,
): Omit<ListRequest, 'segment' | 'tier'> & { readonly level: string | null } {
  return {
    level: oneOf('level', query.level, ['warn', 'critical']),
    limit: limitOf(query.limit),
    after: afterOf(query.cursor),
  };
}

export function cursorAfter(customer: string): string {
  return Buffer.from(customer, 'utf8').toString('base64url');
}

function oneOf(name: string, value: unknown, known: readonly string[]): string | null {
  if (value === undefined) return null;
  if (typeof value === 'string' && known.includes(value)) return value;
  const nearest = nearestName(String(value), known);
  throw invalid(`${name}: expected one of ${known.join(', ')}`, nearest ? `did you mean ${nearest}?` : undefined);
}

function limitOf(value: unknown): number {
  if (value === undefined) return LIMIT_DEFAULT;
  const limit = typeof value === 'string' && /^\d{1,4}$/.test(value) ? Number(value) : 0;
  if (limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw invalid(`limit: expected an integer from 1 to ${LIMIT_MAX}`);
}

function afterOf(value: unknown): string | null {
  if (value === undefined) return null;
  const after = typeof value === 'string' ? Buffer.from(value, 'base64url').toString('utf8') : '';
  if (after !== '' && !after.includes('\0') && cursorAfter(after) === value) return after;
  throw invalid('cursor: expected `next` of the page before', 'leave it out to start at the first page');
}

function invalid(detail: string, advice?: string): HttpProblem {
  return new HttpProblem(400, { code: 'QUERY_INVALID', detail, ...(advice ? { advice } : {}) });
}
