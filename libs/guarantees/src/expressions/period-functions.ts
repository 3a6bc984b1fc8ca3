import type { Environment } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { parseDurationMs } from '#libs/kernel';
import { ValueError } from './amount.js';

/** `perStarted(d, PT24H)`: periods begun in a stretch of time; `perCompleted`: those that passed whole. 0 of 0. */
export function withPeriodFunctions(environment: Environment): Environment {
  const each = 'google.protobuf.Duration';
  environment.registerFunction(`perStarted(${each}, ${each}): int`, (length: Duration, period: Duration) => {
    const [ms, periodMs] = milliseconds(length, period);
    return ms <= 0n ? 0n : (ms + periodMs - 1n) / periodMs;
  });
  environment.registerFunction(`perCompleted(${each}, ${each}): int`, (length: Duration, period: Duration) => {
    const [ms, periodMs] = milliseconds(length, period);
    return ms <= 0n ? 0n : ms / periodMs;
  });
  return environment;
}

function milliseconds(length: Duration, period: Duration): [bigint, bigint] {
  const periodMs = BigInt(Math.round(Number(period.valueOf())));
  if (periodMs <= 0n) throw new ValueError('a period longer than zero was expected');
  return [BigInt(Math.round(Number(length.valueOf()))), periodMs];
}

const BARE_DURATION = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\bP(?:T?\d+[WDHMS])+(?:T(?:\d+[HMS])+)?(?:\b|$)/g;

/** The ISO 8601 durations that stand bare in an expression: `PT24H`. */
export function durationLiterals(text: string): Map<string, Duration> {
  const found = new Map<string, Duration>();
  for (const [token] of text.matchAll(BARE_DURATION)) {
    const ms = token.startsWith('P') ? parseDurationMs(token) : null;
    if (ms !== null) found.set(token, Duration.fromMilliseconds(ms));
  }
  return found;
}
