import type { Announce } from '../pipeline/workload.js';

export interface FloorConfig {
  readonly brokers: readonly string[];
  readonly databaseUrl: string;
  readonly schema: string;
  readonly group: string;
  readonly inputTopic: string;
  readonly outputTopic: string;
  readonly announce: Announce;
  /** Bytes of an announcement by kind, as the product writes them. */
  readonly bytes: Readonly<Record<string, number>>;
}

/** The bench hands over everything in one variable, so that no password stands on a command line. */
export function readConfig(): FloorConfig {
  return JSON.parse(process.env['FLOOR_CONFIG'] ?? '{}') as FloorConfig;
}
