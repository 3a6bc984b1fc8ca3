import { z } from 'zod';

const port = z.coerce.number().int().min(1).max(65_535);

/** What every service reads from its environment; each app's config.ts extends it. */
export const serviceEnvironment = z.object({
  MAKEGOOD_MODE: z.enum(['live', 'replay']).default('live'),
  MAKEGOOD_HOST: z.string().min(1).default('127.0.0.1'),
  MAKEGOOD_PORT: port,
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((text) => text.split(',').map((broker) => broker.trim())),
  KAFKA_SSL: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'expected postgresql://user:password@host:port/database'),
  MAKEGOOD_SHARDS: z.coerce.number().int().min(1).max(1_024).default(12),
  /** `<keyId>:<SHA-256 of its secret>`: the first admin key, known before any key event. */
  MAKEGOOD_BOOTSTRAP_KEY: z
    .string()
    .regex(/^[0-9a-f]{12}:[0-9a-f]{64}$/)
    .optional(),
  MAKEGOOD_CLOCK_SKEW_MS: z.coerce.number().int().default(0),
  /** Set apart what a second reading of the log writes: its own schema, group and topics. */
  MAKEGOOD_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,40}$/)
    .optional(),
  MAKEGOOD_GROUP: z.string().min(1).max(100).optional(),
  MAKEGOOD_DEAD_LETTERS_TOPIC: z.string().min(1).max(200).default('makegood.dlq.v1'),
  /** Where traces go: an OpenTelemetry collector, by OTLP over HTTP. Not given: none are made. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type ServiceEnvironment = z.infer<typeof serviceEnvironment>;

/** Raised at start: each wrong variable with what was expected. Values are not repeated, they may be secrets. */
export class ConfigError extends Error {}

export function readEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  env: Record<string, string | undefined>,
): z.infer<Schema> {
  const result = schema.safeParse(env);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`CONFIG_INVALID  the environment does not fit:\n${lines.join('\n')}`);
}
