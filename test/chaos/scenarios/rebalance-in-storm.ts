import type { ChaosPromise } from '../load/promises.js';
import { until } from '../waiting.js';
import type { Script } from './play.js';

const PROMISES = 50_000;
/** Time to tell of them all before the first falls due. */
const LEAD_MS = 75_000;

/** 50,000 deadlines within one second; the group of sla-timer rebalances while they fire, and again when one is back. */
export const rebalanceInStorm = (seed: number): Script => ({
  title: 'A rebalance in the middle of 50,000 deadlines within a second',
  instances: { intake: 1, 'sla-timer': 2, compensation: 1, loyalty: 1 },
  promises: (startMs) =>
    Array.from({ length: PROMISES }, (_, n): ChaosPromise => ({
      subject: `S-${seed}-${n}`,
      customer: `C-${seed}-${n % 5_000}`,
      course: 'never',
      openedMs: startMs,
      dueMs: startMs + LEAD_MS + Math.floor((n / PROMISES) * 1_000),
      postageMinor: 100,
      endedMs: null,
      isBare: true,
    })),
  play: async ({ stage, run, act, must, note }) => {
    await until('all openings to be acknowledged', () => run.sender.acknowledged >= run.toTell, LEAD_MS);
    const openedMs = Date.now() - run.startedAtMs;
    note(`${PROMISES} openings were acknowledged ${Math.round(openedMs / 1_000)} s after the first.`);
    await until('the storm to begin', () => run.observer.breaches > 0, LEAD_MS + 60_000);
    let seenBefore = 0;
    await act('sla-timer-2 leaves the group: a rebalance', async () => {
      seenBefore = run.observer.breaches;
      await stage.named('sla-timer-2').stop();
    });
    await act('sla-timer-2 joins again: another rebalance', async () => {
      stage.named('sla-timer-2').start();
      await stage.awaitReady(stage.of('sla-timer'));
    });
    must(seenBefore < PROMISES, 'the storm was over before the rebalance: nothing was shown');
    note(`${seenBefore} breaches had been read when the first rebalance began.`);
    await until('every breach', () => run.observer.breaches >= PROMISES, 180_000).catch(() => undefined);
  },
});
