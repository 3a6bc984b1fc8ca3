import { z } from 'zod';
import { readEnvironment, serviceEnvironment } from '#libs/config';

const loyaltyEnvironment = serviceEnvironment.extend({
  /** signals.yaml; without it no upstream type is a signal but makegood's own. */
  MAKEGOOD_SIGNALS_FILE: z.string().min(1).optional(),
});

export type LoyaltyEnvironment = z.infer<typeof loyaltyEnvironment>;

/**
 * Everything that loyalty takes from its environment.
 * @throws ConfigError naming each wrong variable.
 */
export function readConfig(env: Record<string, string | undefined> = process.env): LoyaltyEnvironment {
  return readEnvironment(loyaltyEnvironment, env);
}
