import { readEnvironment, serviceEnvironment, type ServiceEnvironment } from '#libs/config';

/**
 * Everything that loyalty takes from its environment.
 * @throws ConfigError naming each wrong variable.
 */
export function readConfig(env: Record<string, string | undefined> = process.env): ServiceEnvironment {
  return readEnvironment(serviceEnvironment, env);
}
