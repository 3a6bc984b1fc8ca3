import { TOPICS } from '#libs/contracts';
import { ControlSets1780000000001, runService, serviceMain, type ServiceOptions } from '#libs/service';
import { loyaltyModule } from './app.module.js';
import { readConfig } from './config.js';
import { FirstTables1767225600000 } from './migrations/1767225600000-first-tables.js';

await serviceMain(async () => {
  const options: ServiceOptions = {
    name: 'loyalty',
    environment: readConfig(),
    migrations: [FirstTables1767225600000, ControlSets1780000000001],
    topics: [TOPICS.promises, TOPICS.compensations, TOPICS.signals],
    // A score is a function of what was read, not of what was said: nothing to remember.
    outputTopic: null,
    concurrency: 4,
  };
  await runService(options, loyaltyModule(options));
});
