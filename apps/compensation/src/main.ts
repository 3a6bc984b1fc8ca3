import { TOPICS } from '#libs/contracts';
import {
  ControlSets1780000000001,
  ShardHalts1795000000001,
  runService,
  serviceMain,
  type ServiceOptions,
} from '#libs/service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';
import { MIGRATIONS } from './migrations/index.js';

await serviceMain(async () => {
  const environment = readConfig();
  const options: ServiceOptions = {
    name: 'compensation',
    environment,
    migrations: [...MIGRATIONS, ControlSets1780000000001, ShardHalts1795000000001],
    topics: [TOPICS.promises, TOPICS.settlements, TOPICS.signals],
    outputTopic: TOPICS.compensations,
    concurrency: 4,
  };
  await runService(options, AppModule.forService(options, environment));
});
