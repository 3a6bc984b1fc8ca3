import type { CloudEvent, LineEvent, LoyaltyEvent, PromiseEvent } from '#libs/contracts';
import { daysFromMs, score } from '#libs/loyalty-model';
import { countsOf } from '../customer-document/counts.js';
import { eventsOfDocument } from '../customer-document/model-events.js';
import { CustomerWork, type StoredCustomer } from './customer-work.js';
import { newsOf, SAMPLE_SIGNALS } from './events-for-tests.js';

export type Event = PromiseEvent | LineEvent | CloudEvent;

const { settings } = SAMPLE_SIGNALS;

/** Feeds events through one customer's work; `storeAfter` puts the customer into the database and out again. */
export function feed(events: readonly Event[], storeAfter: (index: number) => boolean = () => false) {
  let stored: StoredCustomer | null = null;
  let work = new CustomerWork('c1', stored, settings);
  const told: LoyaltyEvent[] = [];
  events.forEach((event, index) => {
    told.push(...work.take(newsOf(event), { from: 'any', offset: index }));
    if (!storeAfter(index)) return;
    const result = work.result();
    if (result) stored = JSON.parse(JSON.stringify(result)) as StoredCustomer;
    work = new CustomerWork('c1', stored, settings);
  });
  const result = work.result();
  const document = result?.document ?? (stored as StoredCustomer | null)?.document;
  if (!document) throw new Error('nothing was learnt');
  const final = new CustomerWork('c1', { ...(result ?? (stored as unknown as StoredCustomer)), document }, settings);
  const view = score(eventsOfDocument(document, settings), daysFromMs(document.asOfMs));
  return {
    told,
    document,
    standing: result?.standing,
    watch: result?.watch,
    view,
    counts: countsOf(document),
    final,
    work,
  };
}
