import { TOPICS } from '#libs/contracts';
import { formatApiKey, hashSecret, newApiKey } from '#libs/security';
import { portsOf, SERVICE_NAMES, type ServiceName } from '../../../apps/cli/src/stack/ports.js';
import { settingsFiles } from '../../../apps/cli/src/stack/services.js';
import type { ReaderConfig } from '../floor/config.js';
import { startFloor } from '../pipeline/contender.js';
import { startService, type Stage } from '../service.js';
import type { ChildProcess } from 'node:child_process';
import type { Door } from './post.js';
import type { Told } from './told.js';

/** One of the four processes, of the product or of the floor, under the name of the service. */
export interface Member {
  readonly service: ServiceName;
  readonly child: ChildProcess;
  /** Schema and consumer group. */
  readonly name: string;
}

/** Four processes from HTTP to scores. */
export interface Whole {
  readonly name: 'product' | 'floor';
  readonly members: readonly Member[];
  readonly door: Door;
  /** What sla-timer or the decider has left to do, see Gauge. */
  readonly due: { readonly table: string; readonly column: string };
  /** Condition on `customer`: one promise missed, one refund heard of. */
  readonly scored: string;
  /** Whether records are read before the first fact: copies of the activation. */
  readonly readsActivation: boolean;
}

const doorOf = (stage: Stage, authorization: string): Door => ({
  url: `http://127.0.0.1:${portsOf(stage.portBase).intake}/events`,
  authorization,
});

export function startProduct(stage: Stage, round: number): Whole {
  const key = newApiKey();
  const env = { ...settingsFiles(), MAKEGOOD_BOOTSTRAP_KEY: `${key.keyId}:${hashSecret(key.secret)}` };
  return {
    name: 'product',
    members: SERVICE_NAMES.map((service) => {
      const name = `whole_product_${round}_${service.replace('-', '_')}`;
      return { service, name, child: startService(stage, service, name, env) };
    }),
    door: doorOf(stage, `Bearer ${formatApiKey(key)}`),
    due: { table: 'subject', column: 'wake_at_ms' },
    scored: `promises_missed = 1 and json_array_length(compensation) = 1`,
    readsActivation: true,
  };
}

/** @param told by the product just before: the floor tells as much. @param broken promises that will be. */
export function startWholeFloor(stage: Stage, round: number, told: Told, broken: number): Whole {
  const authorization = 'Bearer floor';
  const nameOf = (service: ServiceName): string => `whole_floor_${round}_${service.replace('-', '_')}`;
  const brokers = stage.brokers.split(',');
  const reader = (service: ServiceName, inputTopics: readonly string[], outputTopic: string) => {
    const name = nameOf(service);
    return { brokers, databaseUrl: stage.databaseUrl, schema: name, group: name, inputTopics, outputTopic };
  };
  const configs: readonly (readonly [ServiceName, ReaderConfig])[] = [
    [
      'sla-timer',
      {
        role: 'decider',
        ...reader('sla-timer', [TOPICS.events], TOPICS.promises),
        announce: 'consequences',
        bytes: told.promises.bytes,
        namesPostage: true,
      },
    ],
    [
      'compensation',
      {
        role: 'refunder',
        ...reader('compensation', [TOPICS.promises], TOPICS.compensations),
        bytes: told.lines.bytes['refund.requested'] ?? 0,
      },
    ],
    [
      'loyalty',
      {
        role: 'scorer',
        ...reader('loyalty', [TOPICS.promises, TOPICS.compensations], TOPICS.loyalty),
        causes: 2 * broken,
        tells: tellsOf(told),
      },
    ],
  ];
  const name = nameOf('intake');
  const port = portsOf(stage.portBase).intake;
  const receiver = { role: 'receiver', brokers, port, authorization, outputTopic: TOPICS.events } as const;
  return {
    name: 'floor',
    members: [
      { service: 'intake', name, child: startFloor(stage, name, receiver) },
      ...configs.map(([service, config]) => ({
        service,
        name: config.schema,
        child: startFloor(stage, config.schema, config),
      })),
    ],
    door: doorOf(stage, authorization),
    due: { table: 'promise', column: 'fire_ms' },
    scored: 'misses = 1 and refunds = 1',
    readsActivation: false,
  };
}

function tellsOf({ scores: { counts, bytes } }: Told): Record<string, { count: number; bytes: number }> {
  return Object.fromEntries(Object.entries(counts).map(([kind, count]) => [kind, { count, bytes: bytes[kind] ?? 0 }]));
}
