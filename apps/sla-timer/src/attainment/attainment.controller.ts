import { Controller, Get, Inject, Query } from '@nestjs/common';
import { MAX_INSTANT_MS, parseInstant } from '#libs/kernel';
import { DATABASES, HttpProblem, Roles } from '#libs/service';
import type { ShardDatabases } from '#libs/shard-log';
import { limitFrom } from '../commands/paging.js';
import { askAttainment, type Counted } from './ask-attainment.js';

/** Promises of one group: `by` holds what was asked, in that order; '' where a promise says nothing of it. */
export interface AttainmentRow extends Counted {
  readonly by: Readonly<Record<string, string>>;
  /** kept / (kept + breached + excused), to six digits; null: no verdict yet. Cancelled ones were never to be kept. */
  readonly keptRate: number | null;
}

const NAME = /^[A-Za-z_][\w-]{0,99}$/;
const ASKED_MAX = 4;

@Controller('attainment')
export class AttainmentController {
  constructor(@Inject(DATABASES) private readonly databases: ShardDatabases) {}

  /** Groups by what `by` names, comma-separated: guarantee, version, owner, customer, mode, day to year of due, or any fact. */
  @Get()
  @Roles('viewer', 'operations', 'finance', 'approver')
  async report(
    @Query() query: Record<string, string | undefined>,
  ): Promise<{ attainment: AttainmentRow[]; cursor: string | null }> {
    const asked = askedFor(query['by'] ?? 'guarantee');
    const limit = limitFrom(query['limit']);
    const params = [
      query['guarantee'] ?? null,
      instantFrom('from', query['from'], 0),
      instantFrom('to', query['to'], MAX_INSTANT_MS + 1),
      asked,
      keyFrom(query['cursor'], asked.length),
    ];
    const rows = await askAttainment(this.databases, params, limit);
    const last = rows.at(-1);
    return {
      attainment: rows.map(({ key, ...counted }) => ({
        by: Object.fromEntries(asked.map((what, i) => [what, key[i] as string])),
        ...counted,
        keptRate: rateOf(counted),
      })),
      cursor: last && rows.length === limit && asked.length > 0 ? encodeKey(last.key) : null,
    };
  }
}

function rateOf({ kept, breached, excused }: Counted): number | null {
  const judged = kept + breached + excused;
  return judged === 0 ? null : Number((kept / judged).toFixed(6));
}

function askedFor(by: string): string[] {
  const asked = by.split(',').filter((name) => name !== '');
  if (asked.length <= ASKED_MAX && asked.every((name) => NAME.test(name))) return asked;
  throw refusal('/by', `at most ${ASKED_MAX} names, comma-separated, were expected, e.g. guarantee,region,month`);
}

function instantFrom(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const atMs = parseInstant(text);
  if (atMs === null) throw refusal(`/${name}`, 'an RFC 3339 instant with an offset was expected');
  return atMs;
}

const encodeKey = (key: readonly string[]): string => Buffer.from(JSON.stringify(key)).toString('base64url');

function keyFrom(cursor: string | undefined, length: number): string[] | null {
  if (cursor === undefined) return null;
  try {
    const key = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
    if (Array.isArray(key) && key.length === length && key.every((part) => typeof part === 'string'))
      return key as string[];
  } catch {
    // told below
  }
  throw refusal('/cursor', 'cursor is not one of ours');
}

function refusal(pointer: string, detail: string): HttpProblem {
  return new HttpProblem(400, { code: 'FIELD_INVALID', detail, pointer });
}
