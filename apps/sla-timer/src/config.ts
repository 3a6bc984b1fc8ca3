import { z } from 'zod';
import { databaseUrls, readEnvironment, serviceEnvironment } from '#libs/config';
import { TOPICS } from '#libs/contracts';

const environment = serviceEnvironment
  .extend({
    /** Where promise events go; another topic for a second reading of the log. */
    MAKEGOOD_PROMISES_TOPIC: z.string().min(1).max(200).default(TOPICS.promises),
    DATABASE_URLS: databaseUrls,
  })
  .superRefine(({ DATABASE_URLS, MAKEGOOD_SHARDS }, context) => {
    for (const { name, shards } of DATABASE_URLS)
      if (shards.some((shard) => shard >= MAKEGOOD_SHARDS))
        context.addIssue({
          code: 'custom',
          path: ['DATABASE_URLS'],
          message: `${name}: shards up to ${MAKEGOOD_SHARDS - 1} expected, see MAKEGOOD_SHARDS`,
        });
  });

export type SlaTimerEnvironment = z.infer<typeof environment>;

export function readConfig(): SlaTimerEnvironment {
  return readEnvironment(environment, process.env);
}
