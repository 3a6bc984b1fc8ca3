import type { CloudEvent } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';

/** Monday 2 March 2026, midnight in China. */
export const SAMPLE_START_MS = 1_772_380_800_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** An event of the sample stream; `learnedMs`: when makegood hears of it, if not at once. */
export function sampleEvent(fact: {
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly atMs: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly learnedMs?: number;
}): CloudEvent {
  const { source, type, subject, atMs, data, learnedMs } = fact;
  return {
    specversion: '1.0',
    id: `${subject}/${type}`,
    source,
    type,
    subject,
    time: formatInstant(atMs),
    ...(learnedMs === undefined ? {} : { receivedat: formatInstant(learnedMs) }),
    data,
  };
}
