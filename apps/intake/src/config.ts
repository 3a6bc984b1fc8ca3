import { z } from 'zod';
import { readEnvironment, serviceEnvironment } from '#libs/config';

const intakeEnvironment = serviceEnvironment.extend({
  /** sources.yaml, signals.yaml and the folder of the maps that sources name; without them none are known. */
  MAKEGOOD_SOURCES_FILE: z.string().min(1).optional(),
  MAKEGOOD_SIGNALS_FILE: z.string().min(1).optional(),
  MAKEGOOD_MAPS_DIR: z.string().min(1).optional(),
  MAKEGOOD_TICK_EVERY_MS: z.coerce.number().int().min(50).max(10_000).default(250),
  /** So long a request waits for the broker before it is told 503. */
  MAKEGOOD_SEND_DEADLINE_MS: z.coerce.number().int().min(100).max(30_000).default(5_000),
  /** Bodies read and not yet answered; beyond: 429. */
  MAKEGOOD_IN_FLIGHT_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .default(48 * 1024 * 1024),
  MAKEGOOD_IN_FLIGHT_REQUESTS_MAX: z.coerce.number().int().min(1).default(2_000),
});

export type IntakeEnvironment = z.infer<typeof intakeEnvironment>;

export function readConfig(): IntakeEnvironment {
  return readEnvironment(intakeEnvironment, process.env);
}
