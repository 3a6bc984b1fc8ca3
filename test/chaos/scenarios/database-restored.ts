import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { databaseHome } from '../../../apps/cli/src/stack/database-home.js';
import { planPromises } from '../load/promises.js';
import { TWO_OF_EACH, type Script } from './play.js';

const BEFORE_BACKUP_MS = 45_000;
const OLDER_MS = 5 * 60_000;

/** PostgreSQL comes back as it was five minutes ago; the topics know better. */
export const databaseRestored = (seed: number): Script => ({
  title: 'PostgreSQL restored from a backup five minutes older than the topics',
  instances: TWO_OF_EACH,
  promises: (startMs) =>
    planPromises({ seed, startMs, seconds: (BEFORE_BACKUP_MS + OLDER_MS) / 1_000 + 30, promisesPerSecond: 10 }),
  play: async ({ stage, run, act, must, note }) => {
    const { clusterDir } = databaseHome(stage.dataDir);
    const backup = join(stage.dataDir, 'backup');
    await sleep(BEFORE_BACKUP_MS);
    await act('a backup, taken cold', async () => {
      await stage.stopServer('database');
      copy(clusterDir, backup);
      stage.startServer('database');
    });
    await sleep(OLDER_MS);
    const [paid, settled] = [run.bank.payments.size, run.observer.settled];
    await act('all services stopped, PostgreSQL put back to the backup', async () => {
      await Promise.all(stage.instances.map((instance) => instance.fell()));
      await stage.stopServer('database');
      spawnSync('rm', ['-rf', clusterDir]);
      copy(backup, clusterDir);
      stage.startServer('database');
      await sleep(3_000);
      const [row] = await stage.query<{ lines: string }>('select count(*) as lines from compensation.line');
      note(
        `The bank had paid ${paid} lines, ${settled} promises were settled; the restored database knew ${row?.lines} lines.`,
      );
      must(Number(row?.lines) < paid, 'the restored database knew every line: nothing was shown');
      stage.instances.forEach((instance) => instance.start());
      await stage.awaitReady();
    });
  },
});

function copy(from: string, to: string): void {
  const { status, stderr } = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cp -a ${from} ${to}: ${stderr}`);
}
