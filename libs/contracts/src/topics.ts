/** The public topics. Their names, keys and writers are fixed (docs/contracts). */
export const TOPICS = {
  ingress: 'makegood.ingress.v1',
  events: 'makegood.events.v1',
  signals: 'makegood.signals.v1',
  promises: 'makegood.promises.v1',
  compensations: 'makegood.compensations.v1',
  settlements: 'makegood.settlements.v1',
  loyalty: 'makegood.loyalty.v1',
  control: 'makegood.control.v1',
  deadLetters: 'makegood.dlq.v1',
} as const;

export type TopicName = (typeof TOPICS)[keyof typeof TOPICS];

/** Partitions of every topic but control, fixed for the life of an installation: shard s is partition s of each. */
export const DEFAULT_SHARD_COUNT = 12;

/** Number of partitions of a topic in an installation of `shardCount` shards. */
export function partitionCountOf(topic: string, shardCount: number): number {
  return topic === TOPICS.control ? 1 : shardCount;
}

/** `source` of what makegood itself writes. */
export const SOURCES = {
  intake: 'makegood/intake',
  slaTimer: 'makegood/sla-timer',
  compensation: 'makegood/compensation',
  loyalty: 'makegood/loyalty',
  operator: 'makegood/operator',
  replay: 'makegood/replay',
} as const;
