import { TOPICS } from '#libs/contracts';
import { runService, serviceMain, type ServiceOptions } from '#libs/service';
import { loadSignals } from '#libs/signals';
import { loyaltyModule } from './app.module.js';
import { readConfig, readSettings } from './config.js';
import { FirstTables1767225600000 } from './migrations/1767225600000-first-tables.js';
import { Watch1767312000000 } from './migrations/1767312000000-watch.js';

await serviceMain(async () => {
  const environment = readConfig();
  const options: ServiceOptions = {
    name: 'loyalty',
    environment,
    migrations: [FirstTables1767225600000, Watch1767312000000],
    topics: [TOPICS.promises, TOPICS.compensations, TOPICS.signals],
    // A score is a function of what was read, not of what was said: nothing to remember.
    outputTopic: null,
    concurrency: 4,
  };
  const signals = loadSignals(readSettings(environment.MAKEGOOD_SIGNALS_FILE));
  await runService(options, loyaltyModule(options, signals));
});
