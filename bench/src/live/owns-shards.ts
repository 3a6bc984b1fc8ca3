/** Whether an instance says that it owns a shard; false while it does not answer. */
export async function ownsShards(host: string, port: number): Promise<boolean> {
  const answer = await fetch(`http://${host}:${port}/metrics`).catch(() => null);
  return /^makegood_shards_owned(\{.*\})? [1-9]/m.test((await answer?.text()) ?? '');
}
