import { z } from 'zod';
import { readEnvironment, serviceEnvironment } from '#libs/config';

const environment = serviceEnvironment.extend({
  /** Words by language: `<dir>/<locale>/<name>.liquid`; relative to where the service is started. */
  MAKEGOOD_TEMPLATES_DIR: z.string().min(1).default('templates'),
});

export type CompensationEnvironment = z.infer<typeof environment>;

export function readConfig(): CompensationEnvironment {
  return readEnvironment(environment, process.env);
}
