import type { CloudEvent } from '#libs/contracts';
import { isMoney, parseInstant, type InstantMs } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Rejected } from '#libs/shard-log';
import type { LineDecision } from '../entitlement/apply-decision.js';
import { UUID } from '../settlements/read-settlement.js';

export const LINE_COMMANDS = {
  approve: 'makegood.line.approve',
  reject: 'makegood.line.reject',
  claim: 'makegood.line.claim',
} as const;
export const BULK_COMMANDS = { approve: 'makegood.lines.approve', reject: 'makegood.lines.reject' } as const;

const TEXT_CHARS_MAX = 200;

type Verb = LineDecision['verb'];
/** What is decided about many lines at once. */
type BulkVerb = Exclude<Verb, 'claim'>;

/** One decision about all lines of a guarantee (and region) that the breaker holds, issued in [from, to]. */
export interface BulkDecision {
  readonly eventId: string;
  readonly verb: BulkVerb;
  readonly guarantee: string;
  readonly region: string | null;
  readonly fromMs: InstantMs;
  readonly toMs: InstantMs;
  readonly by: string;
  readonly reason: string | null;
  readonly atMs: InstantMs;
}

/** The verb of a command's type; null: it is none of these. */
export function verbOf<V extends Verb>(commands: Readonly<Record<V, string>>, type: string): V | null {
  const found = Object.entries(commands).find(([, name]) => name === type);
  return found === undefined ? null : (found[0] as V);
}

export function readLineCommand(record: LogRecord, event: CloudEvent, verb: Verb): LineDecision | Rejected {
  const { lineId, amount, by, reason, payee } = event.data ?? {};
  const atMs = parseInstant(event.time);
  if (atMs === null) return invalid(record, 'time: an RFC 3339 instant expected');
  if (typeof lineId !== 'string' || !UUID.test(lineId))
    return invalid(record, 'data.lineId: a line id (UUID) expected');
  if (typeof by !== 'string' || by === '') return invalid(record, 'data.by: whose decision it is expected');
  if (amount !== undefined && !isMoney(amount)) return invalid(record, 'data.amount: {amountMinor, currency} expected');
  if (verb === 'claim' && (typeof payee !== 'string' || payee === '' || payee.length > TEXT_CHARS_MAX)) {
    return invalid(record, `data.payee: who is to be paid, a text of 1 to ${TEXT_CHARS_MAX} characters expected`);
  }
  return {
    lineId: lineId.toLowerCase(),
    verb,
    ...(verb === 'claim' ? { payee: payee as string } : {}),
    amount: amount ?? null,
    by,
    reason: typeof reason === 'string' ? reason : null,
    atMs,
    of: 'line',
  };
}

export function readBulkCommand(record: LogRecord, event: CloudEvent, verb: BulkVerb): BulkDecision | Rejected {
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
