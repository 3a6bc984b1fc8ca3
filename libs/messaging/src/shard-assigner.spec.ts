import { AssignerProtocol, type Cluster } from 'kafkajs';
import { shardAssigner } from './shard-assigner.js';

const cluster = {
  findTopicPartitionMetadata: () => Array.from({ length: 12 }, (_, partitionId) => ({ partitionId })),
} as unknown as Cluster;

async function assigned(memberIds: string[], topics: string[]): Promise<Record<string, number[]>[]> {
  const assigner = shardAssigner({ cluster, groupId: 'g', logger: {} as never });
  const assignments = await assigner.assign({
    members: memberIds.map((memberId) => ({ memberId, memberMetadata: Buffer.alloc(0) })),
    topics,
  });
  return assignments.map(
    ({ memberAssignment }) => AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {},
  );
}

describe('shardAssigner', () => {
  it.each([1, 2, 3, 5, 7, 13])('gives partition s of every topic to one and the same of %i members', async (count) => {
    const members = Array.from({ length: count }, (_, i) => `m${i}`);
    const assignments = await assigned(members, ['a', 'b', 'c']);
    for (const assignment of assignments) {
      expect(assignment['b'] ?? []).toEqual(assignment['a'] ?? []);
      expect(assignment['c'] ?? []).toEqual(assignment['a'] ?? []);
    }
    expect(assignments.flatMap((assignment) => assignment['a'] ?? []).sort((x, y) => x - y)).toEqual(
      Array.from({ length: 12 }, (_, i) => i),
    );
  });
});
