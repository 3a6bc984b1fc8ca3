import type { CloudEvent } from './cloud-event.js';

/** Type of the only records that move shard time. */
export const TICK_TYPE = 'makegood.tick';

/** A source (or one of its voices, named by `by`) that has been silent beyond its heartbeat. */
export interface SilentSource {
  readonly source: string;
  readonly by?: string;
}

/** Its instant is the record's append time (its timestamp in replays), never a field of its own. */
export interface TickData {
  readonly everyMs: number;
  readonly silent: readonly SilentSource[];
}

export type TickEvent = CloudEvent<TickData>;
