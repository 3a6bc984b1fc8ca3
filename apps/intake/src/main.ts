import { ConfigError } from '#libs/config';
import { TOPICS } from '#libs/contracts';
import { ProblemError } from '#libs/kernel';
import { runService, type ServiceOptions } from '#libs/service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';
import { FirstTables1767225600000 } from './migrations/0001-first-tables.js';

try {
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
} catch (error) {
  // Settings that cannot be used are the operator's to mend: said in words, without a stack.
  if (!(error instanceof ConfigError || error instanceof ProblemError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
