import { Kafka, logLevel, type LogEntry } from 'kafkajs';
import { scheduleTimer } from '#libs/clock';
import { patchKafkajs } from './kafkajs-patches.js';

/** How to reach the broker; SASL and TLS as kafkajs takes them. */
export interface KafkaOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: boolean;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** Receives kafkajs's warnings and errors; without it they are dropped. */
  readonly onLog?: (level: 'warn' | 'error', message: string) => void;
}

/** The one place where a kafkajs client is made. */
export function createKafka(options: KafkaOptions): Kafka {
  patchKafkajs(scheduleTimer);
  return new Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    ssl: options.ssl ?? false,
    ...(options.sasl ? { sasl: options.sasl as never } : {}),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 8 },
    logLevel: options.onLog ? logLevel.WARN : logLevel.NOTHING,
    logCreator: () => (entry: LogEntry) => {
      options.onLog?.(entry.level === logLevel.ERROR ? 'error' : 'warn', `${entry.namespace}: ${entry.log.message}`);
    },
  });
}
