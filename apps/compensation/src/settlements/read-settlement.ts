import { SETTLEMENT_PREFIX, type SettlementEvent, type SettlementStatus } from '#libs/contracts';
import { isMoney, parseInstant, type InstantMs } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Rejected } from '#libs/shard-log';
import { readExportMark, type ExportMark } from '../exports/export-mark.js';
import type { SettlementInput } from '../entitlement/apply-settlement.js';

export interface SettlementRecord {
  readonly record: LogRecord;
  readonly eventId: string;
  readonly atMs: InstantMs;
  readonly input: SettlementInput;
  /** The export that hands the line over, or takes it back. */
  readonly mark: ExportMark | null;
}

const STATUSES: readonly string[] = ['accepted', 'paid', 'failed', 'stopped'];
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const REFERENCE_CHARS_MAX = 200;

/** null: a record of another kind (terms, claims, money that others gave back), nothing of finance's. */
export function readSettlement(record: LogRecord): SettlementRecord | Rejected | null {
  let event: SettlementEvent;
  try {
    event = JSON.parse(record.value.toString('utf8')) as SettlementEvent;
  } catch (error) {
    return invalid(record, `no JSON: ${(error as Error).message}`);
  }
  if (typeof event?.type !== 'string' || !event.type.startsWith(SETTLEMENT_PREFIX)) return null;
  const status = event.type.slice(SETTLEMENT_PREFIX.length);
  if (!STATUSES.includes(status)) return invalid(record, `type ${event.type}: none of ${STATUSES.join(', ')}`);
  const atMs = parseInstant(event.time);
  const { lineId, reference, paidAt, amount, reason } = event.data ?? {};
  const paidAtMs = paidAt === undefined ? atMs : parseInstant(paidAt);
  if (atMs === null || paidAtMs === null) return invalid(record, 'time and data.paidAt: RFC 3339 instants expected');
  if (typeof lineId !== 'string' || !UUID.test(lineId))
    return invalid(record, 'data.lineId: a line id (UUID) expected');
  if (typeof reference !== 'string' || reference === '' || reference.length > REFERENCE_CHARS_MAX) {
    return invalid(record, `data.reference: a text of 1 to ${REFERENCE_CHARS_MAX} characters expected`);
  }
  if (amount !== undefined && !isMoney(amount)) return invalid(record, 'data.amount: {amountMinor, currency} expected');
  const input: SettlementInput = {
    lineId: lineId.toLowerCase(),
    reference,
    status: status as SettlementStatus,
    paidAtMs,
    amount: amount ?? null,
    reason: typeof reason === 'string' ? reason.slice(0, REFERENCE_CHARS_MAX) : null,
  };
  const mark = readExportMark((event.data as { readonly export?: unknown }).export);
  return { record, eventId: event.id, atMs, input, mark };
}

function invalid(record: LogRecord, detail: string): Rejected {
  return { record, reason: 'SETTLEMENT_INVALID', detail };
}
