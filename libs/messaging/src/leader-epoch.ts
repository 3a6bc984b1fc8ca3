/** The header of the batch that a record came in: kafkajs hands it on and does not declare it. */
interface WithBatchHeader {
  readonly batchContext?: { readonly partitionLeaderEpoch?: number };
}

/** `{leaderEpoch}` of a message as kafkajs gives it; empty where the broker does not say. */
export function leaderEpochOf(message: object): { readonly leaderEpoch?: number } {
  const leaderEpoch = (message as WithBatchHeader).batchContext?.partitionLeaderEpoch;
  return leaderEpoch === undefined || leaderEpoch < 0 ? {} : { leaderEpoch };
}
