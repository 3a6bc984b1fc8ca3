import { TOPICS } from '#libs/contracts';
import { runService, serviceMain, type ServiceOptions } from '#libs/service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';
import { FirstTables1767225600000 } from './migrations/0001-first-tables.js';
import { LettersAndCustomers1790000000003 } from './migrations/0002-letters-and-customers.js';

await serviceMain(async () => {
  const environment = readConfig();
  const options: ServiceOptions = {
    name: 'intake',
    environment,
    migrations: [FirstTables1767225600000, LettersAndCustomers1790000000003],
    topics: [TOPICS.ingress, TOPICS.signals, TOPICS.deadLetters],
    outputTopic: null,
    concurrency: 4,
  };
  await runService(options, AppModule.for(options, environment));
});
