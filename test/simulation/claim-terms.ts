/** Money that is paid on request: asked for until the end of the local day after that of due. */
export const CLAIMED = { guarantee: 'sim-claimed', withinDays: 1 } as const;

export const CLAIMED_TEXT = `apiVersion: makegood/v1
kind: Guarantee
name: ${CLAIMED.guarantee}
version: 1
title: The bag in time, or the fee back for whoever asks
promiseType: delivery
currency: EUR
timeZone: Europe/Berlin
opens:
  on: bag.accepted
  customer: event.data.customer
  refs: { order: event.data.order }
  group: event.data.order
  base: { fee: event.data.fee }
due: { at: event.data.promisedAt }
evidence:
  kept: [{ on: bag.made }]
  allowance: PT10M
  correction: P1D
  completionLimit: P3D
claim: { within: { days: ${CLAIMED.withinDays}, from: dueAt } }
remedies:
  - { id: fee, kind: refund, amount: base.fee }
`;
