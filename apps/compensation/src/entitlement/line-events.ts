import { SOURCES, type CloudEvent, type CompensationNoticeData, type LineEventData } from '#libs/contracts';
import { derivedIdOf, formatInstant } from '#libs/kernel';
import type { Announcement } from './draft.js';
import type { Entitlement, PromiseContext } from './entitlement.js';
import type { Line } from './line.js';

/**
 * Extensions by which compensation reads its own output back into a database older than the topic: which of the
 * promise's events decided this, and which line of which remedy it is about.
 */
export interface OriginExtensions {
  readonly promisesequence: number;
  readonly remedyid: string;
  readonly linenumber: number;
  /** Who of the promise's parties gets it. */
  readonly party: 'customer' | 'payer' | 'recipient';
  /** Apologies: the addressee's local day, `YYYY-MM-DD`. */
  readonly apologyday?: string;
  /** The first word of a line whose breach the breaker has counted: when that was decided, and what it counts apart. */
  readonly breachedat?: string;
  readonly breachregion?: string;
}

const LOCAL_DATE_CHARS = 10;

/** An event of ours as it is on the topic. */
export type OwnEvent = CloudEvent<LineEventData | CompensationNoticeData> & OriginExtensions;

type Owner = Pick<Entitlement, 'promiseId' | 'breachId' | 'compensationId' | 'sequence' | 'promise' | 'counted'>;

/** The event that tells others; the same announcement always gives the same bytes. */
export function announcementEvent(owner: Owner, announcement: Announcement): OwnEvent {
  const { line, atMs } = announcement;
  const isNotice = 'notice' in announcement;
  return {
    specversion: '1.0',
    id: derivedIdOf(line.lineId, line.lineSequence),
    source: SOURCES.compensation,
    type: isNotice ? `makegood.compensation.${announcement.notice}` : `makegood.${line.kind}.${announcement.action}`,
    subject: owner.promise.subject,
    time: formatInstant(atMs),
    promisesequence: owner.sequence,
    remedyid: line.remedyId,
    linenumber: line.n,
    party: partyOf(owner.promise, line.beneficiary),
    ...(line.apologyDay === null ? {} : { apologyday: line.apologyDay.slice(0, LOCAL_DATE_CHARS) }),
    ...countedBreachOf(owner, line),
    data: isNotice
      ? { lineId: line.lineId, lineSequence: line.lineSequence, ...announcement.data, ...introductionOf(owner, line) }
      : lineEventData(owner, line, announcement.reason),
  };
}

function countedBreachOf({ counted }: Owner, line: Line): Pick<OriginExtensions, 'breachedat' | 'breachregion'> {
  if (counted === null || line.lineSequence !== 1) return {};
  const { region, decidedAtMs } = counted;
  return { breachedat: formatInstant(decidedAtMs), ...(region === '' ? {} : { breachregion: region }) };
}

/** Money whose first word is a notice: a database that has forgotten the line learns it from there. */
function introductionOf(owner: Owner, line: Line): Pick<CompensationNoticeData, 'line'> {
  if (line.lineSequence !== 1 || line.currency === null) return {};
  const { approvalsNeeded, region = null } = line.hold ?? {};
  const held = { ...(approvalsNeeded ? { approvalsNeeded } : {}), ...(region === null ? {} : { region }) };
  return { line: { kind: line.kind, ...lineEventData(owner, line, undefined), ...held } };
}

function lineEventData(
  { promiseId, breachId, compensationId, promise }: Owner,
  line: Line,
  reason: string | undefined,
): LineEventData {
  const { nature, label, base: _, explanation, reasons, ...details } = line.details;
  return {
    compensationId,
    lineId: line.lineId,
    lineSequence: line.lineSequence,
    breachId,
    promiseId,
    ...identityOf(promise),
    nature,
    ...(label === undefined ? {} : { label }),
    route: line.route,
    explanation,
    reasons,
    idempotencyKey: line.lineId,
    ...amountOf(line),
    ...details,
    ...(line.claim?.payee == null ? {} : { payee: line.claim.payee }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function partyOf({ parties }: PromiseContext, beneficiary: string): OriginExtensions['party'] {
  if (beneficiary === parties.customer) return 'customer';
  return beneficiary === parties.payer ? 'payer' : 'recipient';
}

function identityOf({ guarantee, guaranteeVersion, subject, customer, parties, refs, group }: PromiseContext) {
  return {
    guarantee,
    guaranteeVersion,
    subject,
    customer,
    parties,
    refs,
    ...(group === undefined ? {} : { group }),
  };
}

function amountOf({ kind, amountMinor, currency }: Line): Pick<LineEventData, 'amount' | 'points'> {
  if (currency === null) return {};
  return kind === 'points' ? { points: amountMinor } : { amount: { amountMinor, currency } };
}
