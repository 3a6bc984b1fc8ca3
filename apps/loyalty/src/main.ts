import { readSettings } from '#libs/config';
import { TOPICS } from '#libs/contracts';
import { runService, serviceMain, type ServiceOptions } from '#libs/service';
import { loadSignals } from '#libs/signals';
import { loyaltyModule } from './app.module.js';
import { readConfig } from './config.js';
import { MIGRATIONS } from './migrations/index.js';

await serviceMain(async () => {
  const environment = readConfig();
  const options: ServiceOptions = {
    name: 'loyalty',
    environment,
    migrations: MIGRATIONS,
    topics: [TOPICS.promises, TOPICS.compensations, TOPICS.signals],
    // A score is a function of what was read; in which steps it was told is not, and a step is told once.
    outputTopic: TOPICS.loyalty,
    concurrency: 4,
  };
  const signals = loadSignals(readSettings(environment.MAKEGOOD_SIGNALS_FILE));
  await runService(options, loyaltyModule(options, signals));
});
