import { DEFAULT_SHARD_COUNT } from '#libs/contracts';

/** What the command line takes from its environment; nothing else in this app reads process.env. */
export interface CliConfig {
  /** host:port, comma-separated: a broker of the operator's instead of the embedded one. */
  readonly kafkaBrokers: string | null;
  /** postgres://…: a database of the operator's instead of the embedded one. */
  readonly databaseUrl: string | null;
  /** MAKEGOOD_SHARDS: how many shards the stack has. */
  readonly shards: number;
  /** NO_COLOR is set (to anything but the empty string). */
  readonly noColor: boolean;
  /** MAKEGOOD_DEBUG=1: errors with their stack traces. */
  readonly debug: boolean;
  /** What child processes inherit. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

/** @returns null: it is no number of shards that an installation can have. */
export function shardsIn(text: string | undefined): number | null {
  const shards = Number(text);
  return Number.isInteger(shards) && shards >= 1 && shards <= 1_024 ? shards : null;
}

export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): CliConfig {
  return {
    kafkaBrokers: env['KAFKA_BROKERS'] || null,
    databaseUrl: env['DATABASE_URL'] || null,
    // A wrong number is left to the services, which say what is wrong with it.
    shards: shardsIn(env['MAKEGOOD_SHARDS']) ?? DEFAULT_SHARD_COUNT,
    noColor: Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb',
    debug: env['MAKEGOOD_DEBUG'] === '1',
    inherited: env,
  };
}
