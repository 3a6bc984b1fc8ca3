import type { PromiseEventData } from '#libs/contracts';
import type { Guarantee } from '#libs/guarantees';
import { owed, type Owed } from '#libs/remedy-engine';
import type { Circumstances } from '../circumstances/circumstances.js';

/**
 * What is owed for a verdict under its guarantee in its circumstances, and why. The only place that asks the remedy
 * engine.
 * @throws EvaluationError when a remedy cannot be computed from the verdict.
 */
export function judgeOwed(guarantee: Guarantee, verdict: PromiseEventData, { claim, returned }: Circumstances): Owed {
  const claimed =
    claim === null
      ? null
      : {
          atMs: claim.atMs,
          ...(claim.channel === null ? {} : { channel: claim.channel }),
          ...(claim.wants === null ? {} : { wants: claim.wants }),
        };
  return owed(guarantee, verdict, { claim: claimed, returned });
}
