import { z } from 'zod';
import { readEnvironment, serviceEnvironment } from '#libs/config';
import { TOPICS } from '#libs/contracts';

const environment = serviceEnvironment.extend({
  /** Where promise events go; another topic for a second reading of the log. */
  MAKEGOOD_PROMISES_TOPIC: z.string().min(1).max(200).default(TOPICS.promises),
});

export type SlaTimerEnvironment = z.infer<typeof environment>;

export function readConfig(): SlaTimerEnvironment {
  return readEnvironment(environment, process.env);
}
