import type { Clock } from '#libs/kernel';
import type { Rejected } from './processor.js';

export const WAVE_WINDOW_MS = 600_000;
/** One bad event is a bad event; so many in a window are a broken source or a defect of ours. */
export const WAVE_LETTERS_MIN = 20;

/**
 * Raises the alarm once a window when they come in a wave. It only warns: a poison never stops
 * its shard.
 */
export class PoisonWatch {
  /** When the newest letters were written, at most as many as make a wave. */
  private newestMs: number[] = [];
  private toldMs = -Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly log: { error(fields: object, message: string): void },
  ) {}

  /** Letters whose transaction has committed. */
  note(rejected: readonly Rejected[]): void {
    if (rejected.length === 0) return;
    const nowMs = this.clock.nowMs();
    for (let i = 0; i < rejected.length; i++) this.newestMs.push(nowMs);
    this.newestMs = this.newestMs.slice(-WAVE_LETTERS_MIN);
    const [oldestMs = -Infinity] = this.newestMs;
    const isWave = this.newestMs.length === WAVE_LETTERS_MIN && nowMs - oldestMs < WAVE_WINDOW_MS;
    if (!isWave || nowMs - this.toldMs < WAVE_WINDOW_MS) return;
    this.toldMs = nowMs;
    const last = rejected.at(-1);
    this.log.error(
      { code: 'POISON_WAVE', letters: WAVE_LETTERS_MIN, withinMs: nowMs - oldestMs, reason: last?.reason },
      'dead letters come in a wave: look at ./makegood dlq list before more follows',
    );
  }
}
