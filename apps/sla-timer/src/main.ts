import { TOPICS } from '#libs/contracts';
import { runService, serviceMain, type ServiceOptions } from '#libs/service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';
import { MIGRATIONS } from './migrations/index.js';
import { SHARED_TABLES } from './promise-log/terms-store.js';

await serviceMain(async () => {
  const environment = readConfig();
  const options: ServiceOptions = {
    name: 'sla-timer',
    environment,
    migrations: MIGRATIONS,
    topics: [TOPICS.events],
    outputTopic: null,
    concurrency: 4,
    databases: environment.DATABASE_URLS,
    sharedTables: SHARED_TABLES,
  };
  await runService(options, AppModule.forService(options));
});
