import type { CloudEvent } from '#libs/contracts';
import { isMoney, parseInstant, type InstantMs } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Rejected } from '#libs/shard-log';
import type { LineDecision } from '../entitlement/apply-decision.js';
import { UUID } from '../settlements/read-settlement.js';

export const LINE_COMMANDS = { approve: 'makegood.line.approve', reject: 'makegood.line.reject' } as const;
export const BULK_COMMANDS = { approve: 'makegood.lines.approve', reject: 'makegood.lines.reject' } as const;

type Verb = LineDecision['verb'];

/** One decision about all lines of a guarantee (and region) that the breaker holds, issued in [from, to]. */
export interface BulkDecision {
  readonly eventId: string;
  readonly verb: Verb;
  readonly guarantee: string;
  readonly region: string | null;
  readonly fromMs: InstantMs;
  readonly toMs: InstantMs;
  readonly by: string;
  readonly reason: string | null;
  readonly atMs: InstantMs;
}

export function verbOf(commands: Readonly<Record<Verb, string>>, type: string): Verb | null {
  if (type === commands.approve) return 'approve';
  return type === commands.reject ? 'reject' : null;
}

export function readLineCommand(record: LogRecord, event: CloudEvent, verb: Verb): LineDecision | Rejected {
  const { lineId, amount, by, reason } = event.data ?? {};
  const atMs = parseInstant(event.time);
  if (atMs === null) return invalid(record, 'time: an RFC 3339 instant expected');
  if (typeof lineId !== 'string' || !UUID.test(lineId))
    return invalid(record, 'data.lineId: a line id (UUID) expected');
  if (typeof by !== 'string' || by === '') return invalid(record, 'data.by: whose decision it is expected');
  if (amount !== undefined && !isMoney(amount)) return invalid(record, 'data.amount: {amountMinor, currency} expected');
  return {
    lineId: lineId.toLowerCase(),
    verb,
    amount: amount ?? null,
    by,
    reason: typeof reason === 'string' ? reason : null,
    atMs,
    of: 'line',
  };
}

export function readBulkCommand(record: LogRecord, event: CloudEvent, verb: Verb): BulkDecision | Rejected {
  const { guarantee, region, from, to, by, reason } = event.data ?? {};
  const [atMs, fromMs, toMs] = [parseInstant(event.time), parseInstant(from), parseInstant(to)];
  if (atMs === null || fromMs === null || toMs === null) {
    return invalid(record, 'time, data.from, data.to: RFC 3339 instants expected');
  }
  if (typeof guarantee !== 'string' || typeof by !== 'string')
    return invalid(record, 'data.guarantee, data.by: expected');
  return {
    eventId: event.id,
    verb,
    guarantee,
    region: typeof region === 'string' ? region : null,
    fromMs,
    toMs,
    by,
    reason: typeof reason === 'string' ? reason : null,
    atMs,
  };
}

function invalid(record: LogRecord, detail: string): Rejected {
  return { record, reason: 'DECISION_INVALID', detail };
}
