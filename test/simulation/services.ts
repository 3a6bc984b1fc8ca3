import { TOPICS } from '#libs/contracts';
import type { ServiceOptions } from '#libs/service';
import type { ShardProcessor } from '#libs/shard-log';
import { createProcessor } from '../../apps/compensation/src/compensation-processor.js';
import { GuaranteeTerms } from '../../apps/compensation/src/terms/guarantee-terms.js';
import { TemplateLibrary } from '../../apps/compensation/src/words/template-library.js';
import { SAMPLE_SIGNALS } from '../../apps/loyalty/src/apply-log/events-for-tests.js';
import { LoyaltyProcessor } from '../../apps/loyalty/src/apply-log/loyalty-processor.js';
import { PromiseLogProcessor } from '../../apps/sla-timer/src/promise-log/promise-log.processor.js';

export const SHARDS = 3;

export const SERVICES = ['sla-timer', 'compensation', 'loyalty', 'intake'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Beside the two that decide about money: a third costs two fifths of a seed's time, so it has every fourth pair of seeds. */
const THIRD: readonly (readonly ServiceName[])[] = [[], ['loyalty'], [], ['intake']];

/** Who runs in a seed; two seeds in a row are alike, for two processes that take every second one. */
export function servicesOf(seed: number): readonly ServiceName[] {
  return ['sla-timer', 'compensation', ...(THIRD[(seed >> 1) % THIRD.length] ?? [])];
}

/** Which topics a service reads and which one it tells, as its main.ts says. */
const TOPICS_OF: Readonly<Record<ServiceName, { readonly reads: readonly string[]; readonly tells: string | null }>> = {
  'sla-timer': { reads: [TOPICS.events], tells: null },
  compensation: { reads: [TOPICS.promises, TOPICS.settlements, TOPICS.signals], tells: TOPICS.compensations },
  loyalty: { reads: [TOPICS.promises, TOPICS.compensations, TOPICS.signals], tells: TOPICS.loyalty },
  intake: { reads: [TOPICS.ingress, TOPICS.signals, TOPICS.deadLetters], tells: null },
};

export function topicsOf(name: ServiceName): readonly string[] {
  return TOPICS_OF[name].reads;
}

const templates = TemplateLibrary.read('templates');

export function processorOf(name: Exclude<ServiceName, 'intake'>, options: ServiceOptions): ShardProcessor {
  if (name === 'sla-timer') return new PromiseLogProcessor(options);
  if (name === 'loyalty') return new LoyaltyProcessor(SAMPLE_SIGNALS, options);
  return createProcessor(new GuaranteeTerms(), templates, {
    shardCount: SHARDS,
    routeByDefault: 'topic',
    hasPayouts: false,
    isLive: true,
  });
}

export function optionsOf(name: ServiceName): ServiceOptions & { readonly outputTopic: string | null } {
  const environment = {
    MAKEGOOD_SHARDS: SHARDS,
    MAKEGOOD_PROMISES_TOPIC: TOPICS.promises,
    MAKEGOOD_DEAD_LETTERS_TOPIC: TOPICS.deadLetters,
    MAKEGOOD_MODE: 'live',
  } as unknown as ServiceOptions['environment'];
  const { reads: topics, tells: outputTopic } = TOPICS_OF[name];
  return { name, environment, migrations: [], topics, outputTopic, concurrency: 4 };
}
