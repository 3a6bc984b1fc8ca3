import { setTimeout as sleep } from 'node:timers/promises';
import { planPromises } from '../load/promises.js';
import { TWO_OF_EACH, type Script } from './play.js';

const AWAY_MS = 5 * 60_000;
const BETWEEN_MS = 40_000;
/** What an instance may hold resident at most. The heap of an idle one is a third of it. */
const RESIDENT_MIB_MAX = 512;

/** Kafka away for five minutes under load, then PostgreSQL. */
export const outages = (seed: number): Script => ({
  title: 'Kafka away for five minutes under load, then PostgreSQL',
  instances: TWO_OF_EACH,
  promises: (startMs) =>
    planPromises({ seed, startMs, seconds: (2 * AWAY_MS + 3 * BETWEEN_MS) / 1_000, promisesPerSecond: 10 }),
  play: async ({ stage, run, act, must, note }) => {
    await sleep(BETWEEN_MS);
    const refusals = (): number => run.sender.answers['503'] ?? 0;
    await act('Kafka away for 5 minutes', async () => {
      await stage.stopServer('broker');
      const [before, acceptedBefore] = [refusals(), run.sender.answers['202'] ?? 0];
      await sleep(AWAY_MS);
      const accepted = (run.sender.answers['202'] ?? 0) - acceptedBefore;
      note(`While Kafka was away intake answered 503 ${refusals() - before} times, and 202 ${accepted} times.`);
      must(refusals() > before, 'intake never answered 503 while Kafka was away');
      must(accepted === 0, `intake answered 202 ${accepted} times while Kafka was away`);
      stage.startServer('broker');
    });
    await sleep(BETWEEN_MS);
    await act('PostgreSQL away for 5 minutes', async () => {
      await stage.stopServer('database');
      const before = run.sender.acknowledged;
      await sleep(AWAY_MS);
      note(`While PostgreSQL was away ${run.sender.acknowledged - before} events were accepted, into the log alone.`);
      stage.startServer('database');
    });
    const peak = Math.max(...Object.values(run.watch.peakMib));
    note(`No instance ever held more than ${peak} MiB resident.`);
    must(peak <= RESIDENT_MIB_MAX, `an instance held ${peak} MiB, more than ${RESIDENT_MIB_MAX}`);
  },
});
