import type { CloudEvent } from './cloud-event.js';

export const CONTROL_TYPES = {
  guaranteesActivated: 'makegood.guarantees.activated',
  disruptionDeclared: 'makegood.disruption.declared',
  disruptionWithdrawn: 'makegood.disruption.withdrawn',
  guaranteeRebased: 'makegood.guarantee.rebased',
  keyCreated: 'makegood.key.created',
  keyRevoked: 'makegood.key.revoked',
  shardsChanged: 'makegood.shards.changed',
} as const;

const OF_THE_CONTROL_TOPIC_ALONE: ReadonlySet<string> = new Set([
  CONTROL_TYPES.keyCreated,
  CONTROL_TYPES.keyRevoked,
  CONTROL_TYPES.shardsChanged,
]);

/**
 * Whether intake copies commands of this type to every partition of events and settlements. Keys are no business of
 * verdicts and money: each service reads them from the control topic itself.
 */
export function standsOnEveryPartition(type: string): boolean {
  return !OF_THE_CONTROL_TOPIC_ALONE.has(type);
}

/** One file of an activated set, whole: the log carries the terms that verdicts follow. */
export interface ActivatedFile {
  /** `holidays`: an iCalendar file that a calendar names. */
  readonly kind: 'guarantee' | 'calendar' | 'holidays' | 'table' | 'zone';
  readonly name: string;
  /** 0 for calendars, tables and zones: they are told apart by their hash. */
  readonly version: number;
  /** Where its author will look for it, e.g. `guarantees/ems-express.yaml`. */
  readonly file: string;
  readonly text: string;
  /** SHA-256, hexadecimal: of `text`; of what they compiled to, for calendars and zones. */
  readonly hash: string;
  /** Calendars and zones as compiled when the set was activated (JSON): what all services compute from. */
  readonly compiled?: string;
}

/** A set is activated whole or not at all; `setHash` covers all files in order of kind, name and version. */
export interface GuaranteesActivatedData {
  readonly setHash: string;
  readonly files: readonly ActivatedFile[];
}

export type Role = 'upstream' | 'viewer' | 'operations' | 'finance' | 'approver' | 'admin';
export const ROLES: readonly Role[] = ['upstream', 'viewer', 'operations', 'finance', 'approver', 'admin'];

/** The key itself is shown once to whom it was made for; everywhere else lives only its SHA-256. */
export interface KeyCreatedData {
  readonly keyId: string;
  readonly secretHash: string;
  /** CloudEvents source that an upstream key is bound to; null for people's keys. */
  readonly source: string | null;
  readonly role: Role;
  readonly createdAt: string;
}

export interface KeyRevokedData {
  readonly keyId: string;
}

export const DISRUPTION_EFFECTS = ['excuse', 'excuse-if-caused', 'pause', 'extend'] as const;
export type DisruptionEffect = (typeof DISRUPTION_EFFECTS)[number];

/** Something that kept promises from being kept, in `[from, to)`; RFC 3339 instants. */
export interface DisruptionDeclaredData {
  readonly disruptionId: string;
  readonly from: string;
  readonly to: string;
  readonly effect: DisruptionEffect;
  /** CEL over the promise, e.g. `facts.region in ["RS"]`; null: every promise that overlaps. */
  readonly scope: string | null;
  readonly reason: string;
  /** Name of the key that declared it. */
  readonly by: string;
}

export interface DisruptionWithdrawnData {
  readonly disruptionId: string;
  readonly reason: string | null;
  readonly by: string;
}

/** Open promises of a guarantee move to the terms (calendars, tables, zones) that are active at this place of the log. */
export interface GuaranteeRebasedData {
  readonly commandId: string;
  readonly guarantee: string;
  readonly by: string;
}

/** First on the control topic of a log that was copied from one with another number of shards. */
export interface ShardsChangedData {
  readonly from: number;
  readonly to: number;
  /** So many records behind this one stand on every partition already, as far as they belong there. */
  readonly commandsCopied: number;
  /** Sets of guarantees among them. */
  readonly setsCopied: number;
}

export type DisruptionDeclaredEvent = CloudEvent<DisruptionDeclaredData>;
export type DisruptionWithdrawnEvent = CloudEvent<DisruptionWithdrawnData>;
export type GuaranteeRebasedEvent = CloudEvent<GuaranteeRebasedData>;
export type GuaranteesActivatedEvent = CloudEvent<GuaranteesActivatedData>;
export type KeyCreatedEvent = CloudEvent<KeyCreatedData>;
export type KeyRevokedEvent = CloudEvent<KeyRevokedData>;
