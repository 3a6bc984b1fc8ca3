import { z } from 'zod';
import { readEnvironment, serviceEnvironment } from '#libs/config';

const environment = serviceEnvironment.extend({
  /** Words by language: `<dir>/<locale>/<name>.liquid`; relative to where the service is started. */
  /** How money leaves where its guarantee names no route. */
  MAKEGOOD_ROUTE: z
    .string()
    .regex(/^(topic|(export|webhook):[a-z][a-z0-9-]{0,59})$/)
    .default('topic'),
  MAKEGOOD_TEMPLATES_DIR: z.string().min(1).default('templates'),
});

export type CompensationEnvironment = z.infer<typeof environment>;

export function readConfig(): CompensationEnvironment {
  return readEnvironment(environment, process.env);
}
