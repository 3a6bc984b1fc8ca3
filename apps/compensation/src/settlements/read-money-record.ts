import { CONTROL_TYPES, SETTLEMENT_PREFIX, type CloudEvent, type GuaranteesActivatedData } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import type { Rejected } from '#libs/shard-log';
import { CLAIM_TYPE, readClaim, type Claim } from '../circumstances/claim.js';
import { MONEY_RETURNED_TYPE, readMoneyReturned, type MoneyReturned } from '../circumstances/money-returned.js';
import {
  BULK_COMMANDS,
  LINE_COMMANDS,
  readBulkCommand,
  readLineCommand,
  verbOf,
  type BulkDecision,
} from '../decisions/line-command.js';
import type { LineDecision } from '../entitlement/apply-decision.js';
import { readSettlement, type SettlementRecord } from './read-settlement.js';

export type SettlementItem = { readonly kind: 'settlement' } & SettlementRecord;
export interface DecisionItem {
  readonly kind: 'decision';
  readonly record: LogRecord;
  readonly eventId: string;
  readonly input: LineDecision;
}
export interface ClaimItem {
  readonly kind: 'claim';
  readonly record: LogRecord;
  readonly claim: Claim;
  readonly eventAtMs: number;
}
export interface ReturnedItem {
  readonly kind: 'returned';
  readonly record: LogRecord;
  readonly returned: MoneyReturned;
}
export interface BulkItem {
  readonly kind: 'bulk';
  readonly bulk: BulkDecision;
}
export interface AuthorsItem {
  readonly kind: 'authors';
  readonly actor: string;
  readonly files: readonly { readonly name: string; readonly version: number }[];
}

/** What `makegood.settlements.v1` brings: finance's word, decisions, claims, money that others gave back, terms. */
export type MoneyItem = SettlementItem | DecisionItem | ClaimItem | ReturnedItem | BulkItem | AuthorsItem;

/** null: nothing that this service has to do with. */
export function readMoneyRecord(record: LogRecord): MoneyItem | Rejected | null {
  let event: CloudEvent;
  try {
    event = JSON.parse(record.value.toString('utf8')) as CloudEvent;
  } catch (error) {
    return { record, reason: 'SETTLEMENT_INVALID', detail: `no JSON: ${(error as Error).message}` };
  }
  if (typeof event?.type !== 'string') return null;
  if (event.type.startsWith(SETTLEMENT_PREFIX)) return settlementItem(record);
  if (event.type === CLAIM_TYPE) {
    const claim = readClaim(record, event);
    return 'reason' in claim ? claim : { kind: 'claim', record, claim, eventAtMs: claim.atMs };
  }
  if (event.type === MONEY_RETURNED_TYPE) {
    const returned = readMoneyReturned(record, event);
    return 'record' in returned ? returned : { kind: 'returned', record, returned };
  }
  if (event.type === CONTROL_TYPES.guaranteesActivated) return authorsItem(event);
  return commandItem(record, event);
}

function settlementItem(record: LogRecord): SettlementItem | Rejected | null {
  const read = readSettlement(record);
  return read === null || !('input' in read) ? read : { kind: 'settlement', ...read };
}

function commandItem(record: LogRecord, event: CloudEvent): DecisionItem | BulkItem | Rejected | null {
  const one = verbOf(LINE_COMMANDS, event.type);
  if (one !== null) {
    const input = readLineCommand(record, event, one);
    return 'record' in input ? input : { kind: 'decision', record, eventId: event.id, input };
  }
  const many = verbOf(BULK_COMMANDS, event.type);
  if (many === null) return null;
  const bulk = readBulkCommand(record, event, many);
  return 'record' in bulk ? bulk : { kind: 'bulk', bulk };
}

function authorsItem(event: CloudEvent): AuthorsItem | null {
  const actor = event['actor'];
  const { files } = event.data as unknown as GuaranteesActivatedData;
  if (typeof actor !== 'string') return null;
  return { kind: 'authors', actor, files: files.filter(({ kind }) => kind === 'guarantee') };
}
