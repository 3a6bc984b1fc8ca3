import type { RecordBatch } from '#libs/messaging';

/**
 * Whether a batch continues the log that was read up to `next`, or another that took its place: after an unclean leader
 * election the log goes back, grows again past `next`, and offsets alone show nothing. Leaders have terms that only rise,
 * and every record carries its leader's: if the record before `next` has a later term than the one that was applied there,
 * it is another record.
 *
 * @param knownEpoch term of the record applied before `next`; -1: not known, then nothing can be said
 * @param hasLooked true: what lies before `next` was fetched because of this already
 * @returns `look-before`: the batch alone does not tell, the record before `next` has to be fetched too
 */
export function departureOf(
  batch: Pick<RecordBatch, 'records' | 'fetchedOffset'>,
  next: number,
  knownEpoch: number,
  hasLooked: boolean,
): 'none' | 'look-before' | 'departed' {
  if (knownEpoch < 0 || next === 0) return 'none';
  const isNewer = ({ leaderEpoch = -1 }: RecordBatch['records'][number]): boolean => leaderEpoch > knownEpoch;
  const before = batch.records.findLast(({ offset }) => offset < next);
  if (before?.offset === next - 1) return isNewer(before) ? 'departed' : 'none';
  // Looked, and nothing there: a gap, such as the marker of a transaction.
  if (hasLooked || batch.fetchedOffset < next) return 'none';
  const first = batch.records.find(({ offset }) => offset >= next);
  return first && isNewer(first) ? 'look-before' : 'none';
}
