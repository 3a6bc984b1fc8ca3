import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosPromise } from '../load/promises.js';
import { TERMS } from '../load/promises.js';
import type { Stage } from '../stage/stage.js';
import { until } from '../waiting.js';
import { TWO_OF_EACH, type Script } from './play.js';

const PROMISES = 10_000;
const LEAD_MS = 45_000;

/** sla-timer is away when 10,000 promises fall due; half of them are kept in time, and told, while it is. */
export const timerAway = (seed: number): Script => ({
  title: 'sla-timer away across the deadline of 10,000 promises',
  instances: TWO_OF_EACH,
  payWithinMs: 10_000,
  promises: (startMs) =>
    Array.from({ length: PROMISES }, (_, n): ChaosPromise => {
      const dueMs = startMs + LEAD_MS + (n % 1_000);
      const isKept = n % 2 === 0;
      return {
        subject: `A-${seed}-${n}`,
        customer: `C-${seed}-${n % 1_000}`,
        course: isKept ? 'kept' : 'never',
        openedMs: startMs,
        dueMs,
        postageMinor: 490,
        // Told in the seven seconds before the due, when nobody is there to hear it.
        endedMs: isKept ? dueMs - 1_000 - (n % 6_000) : null,
      };
    }),
  play: async ({ stage, run, act, must, note }) => {
    const dueMs = (run.promises[0] as ChaosPromise).dueMs;
    await until('every promise to be opened', async () => (await opened(stage)) >= PROMISES, LEAD_MS - 10_000);
    await act('both instances of sla-timer away, kill -9, across the deadline', async () => {
      await Promise.all(stage.of('sla-timer').map((instance) => instance.fell()));
      must(Date.now() < dueMs - 7_000, 'sla-timer went too late: what was kept may have been heard before');
      await sleep(dueMs + TERMS.allowanceMs + 8_000 - Date.now());
      note(`While it was away ${run.observer.breaches} breaches were announced.`);
      must(run.observer.breaches === 0, 'a breach was announced while sla-timer was away');
      stage.of('sla-timer').forEach((instance) => instance.start());
    });
    await until('the verdicts', () => run.observer.settled >= PROMISES, 180_000).catch(() => undefined);
    note(`After its return ${run.observer.breaches} breaches were announced.`);
    must(run.observer.breaches === PROMISES / 2, `${PROMISES / 2} breaches expected → ${run.observer.breaches}`);
  },
});

async function opened(stage: Stage): Promise<number> {
  const [row] = await stage.query<{ promises: string }>('select count(*) as promises from sla_timer.promise');
  return Number(row?.promises);
}
