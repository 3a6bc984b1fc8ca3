import { TOPICS } from '#libs/contracts';
import { runService, serviceMain, type ServiceOptions } from '#libs/service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';
import { SHARED_TABLES } from './promise-log/terms-store.js';
import { Promises0001 } from './migrations/0001-promises.js';
import { TimeAndPeople1790000000002 } from './migrations/0002-time-and-people.js';
import { NarrowPromises1790000000004 } from './migrations/0003-narrow-promises.js';
import { DocumentWords1790000000005 } from './migrations/0004-document-words.js';
import { RoomForVerdicts1790000000006 } from './migrations/0005-room-for-verdicts.js';
import { CopiedSilences1790000000007 } from './migrations/0006-copied-silences.js';

await serviceMain(async () => {
  const environment = readConfig();
  const options: ServiceOptions = {
    name: 'sla-timer',
    environment,
    migrations: [
      Promises0001,
      TimeAndPeople1790000000002,
      NarrowPromises1790000000004,
      DocumentWords1790000000005,
      RoomForVerdicts1790000000006,
      CopiedSilences1790000000007,
    ],
    topics: [TOPICS.events],
    outputTopic: null,
    concurrency: 4,
    databases: environment.DATABASE_URLS,
    sharedTables: SHARED_TABLES,
  };
  await runService(options, AppModule.forService(options));
});
