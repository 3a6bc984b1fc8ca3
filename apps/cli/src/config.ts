/** What the command line takes from its environment; nothing else in this app reads process.env. */
export interface CliConfig {
  /** host:port, comma-separated: a broker of the operator's instead of the embedded one. */
  readonly kafkaBrokers: string | null;
  /** postgres://…: a database of the operator's instead of the embedded one. */
  readonly databaseUrl: string | null;
  /** NO_COLOR is set (to anything but the empty string). */
  readonly noColor: boolean;
  /** MAKEGOOD_DEBUG=1: errors with their stack traces. */
  readonly debug: boolean;
  /** What child processes inherit. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): CliConfig {
  return {
    kafkaBrokers: env['KAFKA_BROKERS'] || null,
    databaseUrl: env['DATABASE_URL'] || null,
    noColor: Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb',
    debug: env['MAKEGOOD_DEBUG'] === '1',
    inherited: env,
  };
}
