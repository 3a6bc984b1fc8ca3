import { AssignerProtocol, type Cluster, type PartitionAssigner } from 'kafkajs';

const NAME = 'makegood-shards';

/**
 * Gives partition s of *every* topic to the same member, so that a shard has one owner: member s mod n of the
 * members in order of id. kafkajs ships only a round robin over (topic, partition) pairs, which tears shards apart.
 */
export const shardAssigner: PartitionAssigner = ({ cluster }: { cluster: Cluster }) => ({
  name: NAME,
  version: 1,
  async assign({ members, topics }) {
    const memberIds = members.map((m) => m.memberId).sort();
    const assignments = new Map(memberIds.map((id) => [id, {} as Record<string, number[]>]));
    for (const topic of topics) {
      for (const { partitionId } of cluster.findTopicPartitionMetadata(topic)) {
        const owner = assignments.get(memberIds[partitionId % memberIds.length] as string) as Record<string, number[]>;
        (owner[topic] ??= []).push(partitionId);
      }
    }
    return [...assignments].map(([memberId, assignment]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({ version: 1, assignment, userData: Buffer.alloc(0) }),
    }));
  },
  protocol({ topics }) {
    return {
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
    };
  },
});
