/**
 * JSON Schema of those parts of the Compose specification that docker-compose.yml uses, with nothing else allowed, so
 * that a misspelt key is found without Docker. Written by hand: the official schema was applied once (docs/docker.md).
 */
const text = { type: 'string', minLength: 1 } as const;
const words = { type: 'array', items: text, minItems: 1 } as const;
const duration = { type: 'string', pattern: '^\\d+(ms|s|m|h)$' } as const;

const condition = {
  type: 'object',
  properties: { condition: { enum: ['service_started', 'service_healthy', 'service_completed_successfully'] } },
  required: ['condition'],
  additionalProperties: false,
} as const;

const healthcheck = {
  type: 'object',
  properties: {
    test: { type: 'array', prefixItems: [{ enum: ['CMD', 'CMD-SHELL'] }], items: text, minItems: 2 },
    interval: duration,
    timeout: duration,
    start_period: duration,
    retries: { type: 'integer', minimum: 1 },
  },
  required: ['test', 'interval', 'timeout', 'retries'],
  additionalProperties: false,
} as const;

const service = {
  type: 'object',
  properties: {
    image: text,
    build: {
      type: 'object',
      properties: { context: text, dockerfile: text },
      required: ['context', 'dockerfile'],
      additionalProperties: false,
    },
    command: words,
    init: { type: 'boolean' },
    restart: { enum: ['no', 'always', 'on-failure', 'unless-stopped'] },
    environment: { type: 'object', additionalProperties: { type: 'string' } },
    ports: words,
    volumes: words,
    depends_on: { type: 'object', additionalProperties: condition },
    healthcheck,
  },
  required: ['image', 'restart'],
  additionalProperties: false,
} as const;

export const COMPOSE_SHAPE = {
  type: 'object',
  properties: {
    services: { type: 'object', additionalProperties: service },
    volumes: { type: 'object', additionalProperties: { type: 'null' } },
  },
  patternProperties: { '^x-': { type: 'object' } },
  required: ['services', 'volumes'],
  additionalProperties: false,
} as const;

export interface ComposeService {
  readonly image: string;
  readonly restart: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, null>>;
}

/** What a schema cannot say, as sentences; empty when all is well. */
export function composeFaults(file: ComposeFile): string[] {
  return Object.entries(file.services).flatMap(([name, one]) => [
    ...portFaults(name, one),
    ...dependencyFaults(name, one, file),
    ...volumeFaults(name, one, file),
    ...secretFaults(name, one),
    ...(/(:latest|^[^:]+)$/.test(one.image) ? [`${name}: ${one.image} names no version`] : []),
  ]);
}

function portFaults(name: string, one: ComposeService): string[] {
  const open = (one.ports ?? []).filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port));
  return open.map((port) => `${name}: port ${port} is not bound to 127.0.0.1`);
}

function dependencyFaults(name: string, one: ComposeService, file: ComposeFile): string[] {
  return Object.entries(one.depends_on ?? {}).flatMap(([target, { condition: wanted }]) => {
    const other = file.services[target];
    if (!other) return [`${name}: waits for ${target}, which is not there`];
    if (wanted === 'service_healthy' && !other.healthcheck) return [`${name}: ${target} has no health check`];
    const endless = wanted === 'service_completed_successfully' && other.restart !== 'no';
    return endless ? [`${name}: ${target} is restarted, it never completes`] : [];
  });
}

function volumeFaults(name: string, one: ComposeService, file: ComposeFile): string[] {
  const names = (one.volumes ?? []).map((volume) => volume.split(':')[0] as string);
  return names.filter((volume) => !(volume in file.volumes)).map((volume) => `${name}: no volume ${volume}`);
}

function secretFaults(name: string, one: ComposeService): string[] {
  return Object.entries(one.environment ?? {}).flatMap(([variable, value]) => {
    const given = /\$\{[A-Z_]+:\?[^}]+\}/.test(value);
    const secret = /PASSWORD|SECRET|_KEY$|^DATABASE_URL$/.test(variable);
    return secret && !given ? [`${name}: ${variable} has a secret written down, or a default`] : [];
  });
}
