import { ConfigError } from '#libs/config';
import { ProblemError } from '#libs/kernel';
import { isInfrastructureError } from '#libs/persistence';

/**
 * Runs a service's start. Settings that cannot be used, and a database or broker that is not there, are said in words
 * without a stack, and the process ends: its supervisor starts it again.
 */
export async function serviceMain(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    const inWords = error instanceof ConfigError || error instanceof ProblemError || isInfrastructureError(error);
    if (!inWords) throw error;
    const prefix = isInfrastructureError(error) ? 'START_FAILED  database or broker cannot be reached: ' : '';
    process.stderr.write(`${prefix}${(error as Error).message}\n`);
    process.exit(1);
  }
}
