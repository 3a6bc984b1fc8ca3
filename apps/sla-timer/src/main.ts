import { TOPICS } from '#libs/contracts';
import { runService, serviceMain, type ServiceOptions } from '#libs/service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';
import { Promises0001 } from './migrations/0001-promises.js';

await serviceMain(async () => {
  const options: ServiceOptions = {
    name: 'sla-timer',
    environment: readConfig(),
    migrations: [Promises0001],
    topics: [TOPICS.events],
    outputTopic: null,
    concurrency: 4,
  };
  await runService(options, AppModule.forService(options));
});
