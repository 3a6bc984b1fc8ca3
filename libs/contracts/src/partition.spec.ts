import { Partitioners } from 'kafkajs';
import { partitionOf } from './partition.js';

describe('partitionOf', () => {
  it("agrees with kafkajs's (and so Java's) default partitioner, whatever the key's length", () => {
    const partitioner = Partitioners.DefaultPartitioner();
    const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({
      partitionErrorCode: 0,
      partitionId,
      leader: 1,
      replicas: [1],
      isr: [1],
    }));
    for (let i = 0; i < 500; i++) {
      const key = `${'é日a'.repeat(i % 7)}${'k'.repeat(i % 5)}-${i}`;
      const theirs = partitioner({ topic: 't', partitionMetadata, message: { key, value: null } });
      expect([key, partitionOf(key, 12)]).toEqual([key, theirs]);
    }
  });
});
