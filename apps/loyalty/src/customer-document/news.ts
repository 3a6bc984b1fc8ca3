import type { CustomerDocument, KnownVerdict } from './document.js';

/** What one record tells of a customer: a document that knows this alone. */
export interface News {
  readonly kind: 'news';
  readonly eventId: string;
  readonly eventType: string;
  /** Where `eventId` is a merge: the record that this part of the history came in. */
  readonly toldBy?: string;
  readonly customer: string;
  readonly part: CustomerDocument;
  /** Of `makegood.promise.*`: whose verdict this is. */
  readonly verdict?: { readonly promiseId: string; readonly outcome: KnownVerdict['outcome'] };
  /** Customers whose closed books this news has passed through on its way (merges). */
  readonly via?: readonly string[];
}
