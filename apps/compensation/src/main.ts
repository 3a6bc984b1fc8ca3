import { TOPICS } from '#libs/contracts';
import { runService, serviceMain, type ServiceOptions } from '#libs/service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';
import { MIGRATIONS } from './migrations/index.js';

await serviceMain(async () => {
  const environment = readConfig();
  const options: ServiceOptions = {
    name: 'compensation',
    environment,
    migrations: MIGRATIONS,
    topics: [TOPICS.promises, TOPICS.settlements, TOPICS.signals],
    outputTopic: TOPICS.compensations,
    concurrency: 4,
  };
  await runService(options, AppModule.forService(options, environment));
});
