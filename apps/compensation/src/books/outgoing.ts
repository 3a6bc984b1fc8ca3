import { encodeCloudEvent, partitionOf, TOPICS } from '#libs/contracts';
import type { Outgoing } from '#libs/shard-log';
import { announcementEvent } from '../entitlement/line-events.js';
import type { DecisionMeans } from '../promise-log/open-room.js';
import type { Books } from './books.js';
import { payoutsOf } from './payouts.js';

/**
 * What was decided, as records for `makegood.compensations.v1`. Only the owner of the customer's shard publishes to
 * its partition, so a record for another shard is left to that.
 */
export function outgoingOf(
  books: Books,
  { shardCount, hasPayouts }: Pick<DecisionMeans, 'shardCount' | 'hasPayouts'>,
): Outgoing[] {
  const payouts = hasPayouts ? payoutsOf(books.told, shardCount) : [];
  return [
    ...books.told.map(({ owner, announcement }) => {
      const { customer } = owner.promise;
      const partition = partitionOf(customer, shardCount);
      return {
        topic: TOPICS.compensations,
        partition,
        shard: partition,
        key: customer,
        value: encodeCloudEvent(announcementEvent(owner, announcement)),
        timestampMs: announcement.atMs,
      };
    }),
    ...payouts,
  ];
}
