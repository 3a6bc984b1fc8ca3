import { TOPICS } from '#libs/contracts';
import { runService, serviceMain, type ServiceOptions } from '#libs/service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';
import { FirstTables1767225600000 } from './migrations/0001-first-tables.js';

await serviceMain(async () => {
  const environment = readConfig();
  const options: ServiceOptions = {
    name: 'intake',
    environment,
    migrations: [FirstTables1767225600000],
    topics: [TOPICS.ingress],
    outputTopic: null,
    concurrency: 4,
  };
  await runService(options, AppModule.for(options, environment));
});
