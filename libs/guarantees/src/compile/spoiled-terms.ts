import type { Problem } from '#libs/kernel';
import { compileGuarantees } from './compile-guarantees.js';

/** A sound guarantee, for tests that spoil one place of it. */
export const SOUND = `apiVersion: makegood/v1
kind: Guarantee
name: order-delivery
version: 1
title: Delivered by the promised day
promiseType: delivery
currency: BRL
timeZone: America/Sao_Paulo
covers: event.data.product == "EMS"
opens:
  on: shop.order.placed
  customer: event.data.customerId
  refs: { order: subject }
  base: { freight: event.data.freight }
  facts: { region: event.data.region }
due: { by: { endOf: event.data.promisedDate } }
evidence:
  kept: [{ on: shop.order.delivered, when: event.data.author != "bot" }]
  allowance: PT6H
  correction: P14D
remedies:
  - id: freight
    kind: refund
    amount: base.freight
    when: lateness > duration("1h")
  - { id: sorry, kind: apology, template: delivery-late }
`;

/** What is said about the sound guarantee with one place of it changed. */
export function problemsOf(find: string, replacement: string): readonly Problem[] {
  expect(SOUND).toContain(find);
  const text = SOUND.replace(find, replacement);
  return compileGuarantees([{ file: 'guarantees/x.yaml', text }]).problems ?? [];
}

/** Exactly one problem, in these words, at this line:column. */
export function expectProblem(
  find: string,
  replacement: string,
  code: string,
  at: string,
  message: string,
  advice: string,
): void {
  const told = problemsOf(find, replacement).map((problem) => ({
    code: problem.code,
    at: `${problem.at?.line}:${problem.at?.column}`,
    message: problem.detail.split('\n')[0],
    advice: problem.advice,
  }));
  expect(told).toEqual([{ code, at, message, advice }]);
}
