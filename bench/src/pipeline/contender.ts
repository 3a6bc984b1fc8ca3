import type { ChildProcess } from 'node:child_process';
import { TOPICS } from '#libs/contracts';
import type { DeciderConfig, FloorConfig } from '../floor/config.js';
import { launch, startService, type Stage } from '../service.js';
import type { Gauge } from './measure.js';
import type { Announce } from './workload.js';

export interface Contender {
  readonly name: 'product' | 'floor';
  readonly due: Gauge['due'];
  start(stage: Stage, run: RunNames): ChildProcess;
}

/** What keeps a run apart from all others. */
export interface RunNames {
  readonly schema: string;
  readonly group: string;
  readonly topic: string;
}

export const product: Contender = {
  name: 'product',
  due: { table: 'subject', column: 'wake_at_ms' },
  start: (stage, names) => startProduct(stage, names),
};

/** @param env of this instance alone */
export function startProduct(stage: Stage, names: RunNames, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const { schema, group, topic } = names;
  return startService(stage, 'sla-timer', schema, { MAKEGOOD_GROUP: group, MAKEGOOD_PROMISES_TOPIC: topic, ...env });
}

/** @param bytes of an announcement by kind: the floor's are as long as the product's. */
export function floor(announce: Announce, bytes: Readonly<Record<string, number>>): Contender {
  return {
    name: 'floor',
    due: { table: 'promise', column: 'fire_ms' },
    start: (stage, { schema, group, topic }) => {
      const { databaseUrl } = stage;
      const config: DeciderConfig = {
        role: 'decider',
        brokers: stage.brokers.split(','),
        databaseUrl,
        schema,
        group,
        inputTopics: [TOPICS.events],
        outputTopic: topic,
        announce,
        bytes,
        namesPostage: false,
      };
      return startFloor(stage, schema, config);
    },
  };
}

/** A process of the floor; its log is named `name`. */
export function startFloor(stage: Stage, name: string, config: FloorConfig): ChildProcess {
  return launch(stage, name, [], 'bench/src/floor/main.js', { FLOOR_CONFIG: JSON.stringify(config) });
}
