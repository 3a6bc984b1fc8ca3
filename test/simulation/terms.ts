import { createHash } from 'node:crypto';
import { CONTROL_TYPES, encodeCloudEvent, SOURCES, type ActivatedFile } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import { CLAIMED, CLAIMED_TEXT } from './claim-terms.js';
import { WAVE, WAVE_TEXT } from './held-terms.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** When the log begins. */
export const START_MS = Date.UTC(2026, 2, 2, 8);

/** The terms of the plain guarantee as the naive oracle knows them. */
export const PLAIN = { name: 'sim-plain', allowanceMs: 10 * MINUTE_MS, correctionMs: 2 * DAY_MS } as const;

const PLAIN_TEXT = `apiVersion: makegood/v1
kind: Guarantee
name: ${PLAIN.name}
version: 1
title: In time or the postage back
promiseType: delivery
currency: EUR
timeZone: Europe/Berlin
opens:
  on: parcel.accepted
  customer: event.data.customer
  base: { postage: event.data.postage }
due: { at: event.data.promisedAt }
evidence:
  kept: [{ on: parcel.delivered }]
  cancelled: [{ on: parcel.withdrawn }]
  allowance: PT10M
  correction: P2D
  completionLimit: P5D
remedies:
  - { id: postage, kind: refund, amount: base.postage }
`;

/** Above these amounts a line of the levers waits for one person, for two. */
export const APPROVAL = { guarantee: 'sim-levers', aboveMinor: 2_000, secondAboveMinor: 2_500 } as const;

const LEVERS_TEXT = `apiVersion: makegood/v1
kind: Guarantee
name: ${APPROVAL.guarantee}
version: 1
title: Called back in time, with every lever
promiseType: response
currency: EUR
timeZone: Europe/Berlin
opens:
  on: call.received
  customer: event.data.customer
  base: { fee: event.data.fee }
due: { at: event.data.promisedAt }
evidence:
  kept: [{ on: call.answered }]
  cancelled: [{ on: call.dropped }]
  failed: [{ on: call.lost }]
  paused: [{ on: call.held, until: call.released, maxPause: PT3H }]
  rescheduled: [{ on: call.re-promised, to: event.data.to, noticeAtLeast: PT10M }]
  revoked: [{ on: call.voided, of: event.data.of }]
  allowance: PT5M
  correction: P2D
  completionLimit: P5D
excuses: [{ code: address, on: call.exception, budget: PT1H }, { code: outage, disruption: true }]
warn: [{ at: "50%" }, { before: PT20M }]
bands: [PT1H, PT2H]
approval: { above: ${APPROVAL.aboveMinor / 100}, secondAbove: ${APPROVAL.secondAboveMinor / 100} }
remedies:
  - { id: fee, kind: refund, amount: base.fee }
  - { id: more, kind: credit, amount: money("1.50 EUR"), when: latenessMs > 3600000 }
`;

const CYCLES_TEXT = `apiVersion: makegood/v1
kind: Guarantee
name: sim-cycles
version: 1
title: An answer to each message
promiseType: response
currency: EUR
timeZone: Europe/Berlin
opens:
  on: message.asked
  customer: event.data.customer
  cycle: event.id
due: { within: PT1H }
evidence:
  kept: [{ on: message.replied }]
  allowance: PT5M
  correction: P1D
  completionLimit: P3D
remedies:
  - { id: sorry, kind: voucher, amount: money(2) }
`;

export const TERMS_FILES: readonly ActivatedFile[] = [
  ['sim-cycles', CYCLES_TEXT] as const,
  [WAVE.guarantee, WAVE_TEXT] as const,
  [CLAIMED.guarantee, CLAIMED_TEXT] as const,
  [APPROVAL.guarantee, LEVERS_TEXT] as const,
  [PLAIN.name, PLAIN_TEXT] as const,
].map(([name, text]) => ({
  kind: 'guarantee',
  name,
  version: 1,
  file: `guarantees/${name}.yaml`,
  text,
  hash: createHash('sha256').update(text).digest('hex'),
}));

export const ACTIVATION = encodeCloudEvent({
  specversion: '1.0',
  id: 'activation',
  source: SOURCES.slaTimer,
  type: CONTROL_TYPES.guaranteesActivated,
  subject: 'guarantees',
  time: formatInstant(START_MS),
  data: { setHash: 'simulation', files: TERMS_FILES },
});
