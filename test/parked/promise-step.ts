import { breachIdOf, promiseEventIdOf, promiseIdOf } from '#libs/kernel';

/** One refund, and a credit where the lateness is known. */
export const TERMS = `apiVersion: makegood/v1
kind: Guarantee
name: parcel
version: 1
title: In time or the postage back
promiseType: delivery
currency: EUR
timeZone: Europe/Berlin
opens: { on: parcel.accepted, customer: event.data.customer, base: { postage: event.data.postage } }
due: { at: event.data.promisedAt }
evidence: { kept: [{ on: parcel.delivered }], allowance: PT1H, correction: P14D }
remedies:
  - { id: postage, kind: refund, amount: base.postage }
  - { id: late, kind: credit, amount: money("1.00 EUR"), when: latenessMs > 3600000 }
`;
const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

export interface Step {
  readonly key: string;
  readonly value: Buffer;
}

/** What sla-timer says of a promise; the subject is in its text, so that it can be a poison word. */
export function promiseStep(
  kind: string,
  subject: string,
  customer: string,
  sequence: number,
  more: object = {},
): Step {
  const promiseId = promiseIdOf('parcel', subject, '');
  const decidedAt = `2018-05-03T18:0${sequence}:00.000Z`;
  const data = {
    ...{ promiseId, sequence, guarantee: 'parcel', guaranteeVersion: 1, mode: 'live', promiseType: 'delivery' },
    ...{ subject, cycle: '', customer, parties: { customer }, refs: {}, state: kind, verdict: 'breached' },
    ...{ openedAt: '2018-05-01T00:00:00.000Z', dueAt: '2018-05-03T12:00:00.000Z', decidedAt },
    ...{ breachId: breachIdOf(promiseId), base: { postage: EUR(2_200) }, facts: {}, evidence: [], explanation: [] },
    ...{ reasons: [], latenessMs: 0, ...more },
  };
  const event = {
    ...{ specversion: '1.0', id: promiseEventIdOf(promiseId, sequence), source: 'makegood/sla-timer' },
    ...{ type: `makegood.promise.${kind}`, subject, time: decidedAt, data },
  };
  return { key: customer, value: Buffer.from(JSON.stringify(event)) };
}
