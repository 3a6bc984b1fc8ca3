import { z } from 'zod';
import type { Debtor } from './exports/pain001.js';
import { isIban } from './exports/payee.js';
import { readEnvironment, serviceEnvironment } from '#libs/config';

/** Injection token of the debtor that is configured, or null. */
export const EXPORT_DEBTOR = Symbol('EXPORT_DEBTOR');

const debtor = z.strictObject({
  name: z.string().min(1).max(140),
  iban: z.string().refine(isIban, 'an IBAN with right check digits expected'),
  bic: z
    .string()
    .regex(/^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/)
    .optional(),
  address: z
    .strictObject({
      street: z.string().max(70).optional(),
      building: z.string().max(16).optional(),
      postCode: z.string().max(16).optional(),
      town: z.string().min(1).max(35),
      country: z.string().regex(/^[A-Z]{2}$/),
    })
    .optional(),
});

function readDebtor(text: string, context: z.RefinementCtx): Debtor {
  try {
    return debtor.parse(JSON.parse(text)) as Debtor;
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    context.addIssue(issue ? `${issue.path.join('.')}: ${issue.message}` : 'JSON expected');
    return z.NEVER;
  }
}

const environment = serviceEnvironment.extend({
  /** signals.yaml, which says what a contact by a person is; without it none is known. */
  MAKEGOOD_SIGNALS_FILE: z.string().min(1).optional(),
  /** Whether payouts are watched as promises; by default in live mode only. */
  MAKEGOOD_PAYOUTS: z.enum(['on', 'off']).optional(),
  /** How money leaves where its guarantee names no route. */
  MAKEGOOD_ROUTE: z
    .string()
    .regex(/^(topic|(export|webhook):[a-z][a-z0-9-]{0,59})$/)
    .default('topic'),
  /** The account that exports pay from, as JSON: `{"name", "iban", "bic", "address": {"town", "country", …}}`. */
  MAKEGOOD_DEBTOR: z.string().transform(readDebtor).optional(),
  /** Words by language: `<dir>/<locale>/<name>.liquid`; relative to where the service is started. */
  MAKEGOOD_TEMPLATES_DIR: z.string().min(1).default('templates'),
});

export type CompensationEnvironment = z.infer<typeof environment>;

export function readConfig(): CompensationEnvironment {
  return readEnvironment(environment, process.env);
}
