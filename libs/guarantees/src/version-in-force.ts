import type { InstantMs } from '#libs/kernel';
import type { Guarantee } from './guarantee.js';

/**
 * The version of a guarantee that an opening falls under: the highest whose `effectiveFrom` is not after the moment
 * at which it occurred. null: none was in force yet. Later activations never change what an open promise follows.
 */
export function guaranteeInForce(
  guarantees: readonly Guarantee[],
  name: string,
  occurredAtMs: InstantMs,
): Guarantee | null {
  let best: Guarantee | null = null;
  for (const guarantee of guarantees) {
    if (guarantee.name !== name || !isInForce(guarantee, occurredAtMs)) continue;
    if (best === null || guarantee.version > best.version) best = guarantee;
  }
  return best;
}

function isInForce(guarantee: Guarantee, occurredAtMs: InstantMs): boolean {
  return guarantee.effectiveFromMs === null || guarantee.effectiveFromMs <= occurredAtMs;
}
