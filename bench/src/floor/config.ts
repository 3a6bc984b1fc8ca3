import type { Announce } from '../pipeline/workload.js';

interface Reader {
  readonly brokers: readonly string[];
  readonly databaseUrl: string;
  readonly schema: string;
  readonly group: string;
  readonly inputTopics: readonly string[];
  readonly outputTopic: string;
}

/** Beside sla-timer. */
export interface DeciderConfig extends Reader {
  readonly role: 'decider';
  readonly announce: Announce;
  /** Bytes of an announcement by kind, as the product writes them. */
  readonly bytes: Readonly<Record<string, number>>;
  /** Breaches name the postage, for whoever refunds it. */
  readonly namesPostage: boolean;
}

/** Beside intake. */
export interface ReceiverConfig {
  readonly role: 'receiver';
  readonly brokers: readonly string[];
  readonly port: number;
  /** The text that a sender's Authorization must have. */
  readonly authorization: string;
  readonly outputTopic: string;
}

/** Beside compensation. */
export interface RefunderConfig extends Reader {
  readonly role: 'refunder';
  /** Bytes of a request for a refund, as the product writes it. */
  readonly bytes: number;
}

/** Beside loyalty. */
export interface ScorerConfig extends Reader {
  readonly role: 'scorer';
  /** Breaches and refunds that it will hear of, and what it tells over all of them: as many as the product, as long. */
  readonly causes: number;
  readonly tells: Readonly<Record<string, { readonly count: number; readonly bytes: number }>>;
}

export type ReaderConfig = DeciderConfig | RefunderConfig | ScorerConfig;
export type FloorConfig = ReaderConfig | ReceiverConfig;

/** The bench hands over everything in one variable, so that no password stands on a command line. */
export function readConfig(): FloorConfig {
  return JSON.parse(process.env['FLOOR_CONFIG'] ?? '{}') as FloorConfig;
}
