/** What holds lines of these terms back: amounts of EUR in minor units, breaches a region and ten minutes. */
export const WAVE = {
  guarantee: 'sim-wave',
  aboveMinor: 2_000,
  secondAboveMinor: 2_500,
  budgetMinor: 12_000,
  budgetPerCustomerMinor: 3_000,
  /** So many breaches of one region within ten minutes leave; the batch that brings more is held whole. */
  breachesMax: 3,
} as const;

/** Every way of holding a line back at once. `usualAtLeast` is above any mean of a log of days, so that the limit is fixed. */
export const WAVE_TEXT = `apiVersion: makegood/v1
kind: Guarantee
name: ${WAVE.guarantee}
version: 1
title: Dropped off in time, or the fee back, within bounds
promiseType: delivery
currency: EUR
timeZone: Europe/Berlin
opens:
  on: drop.accepted
  customer: event.data.customer
  base: { fee: event.data.fee }
  facts: { region: event.data.region }
due: { at: event.data.promisedAt }
evidence:
  kept: [{ on: drop.made }]
  allowance: PT10M
  correction: P2D
  completionLimit: P5D
approval: { above: ${WAVE.aboveMinor / 100}, secondAbove: ${WAVE.secondAboveMinor / 100} }
budget: { amount: ${WAVE.budgetMinor / 100}, per: week }
budgetPerCustomer: { amount: ${WAVE.budgetPerCustomerMinor / 100}, per: day }
breaker: { holdIf: breaches > ${WAVE.breachesMax} * usual, usualAtLeast: 1, region: facts.region }
remedies:
  - { id: fee, kind: refund, amount: base.fee }
`;
