import type { CloudEvent } from '#libs/contracts';
import { nameIdOf } from '#libs/kernel';
import { customerOf, modelEventsOf, SignalError, type Signals } from '#libs/signals';
import { EMPTY_DOCUMENT, type CustomerDocument, type SignalledEvent } from '../customer-document/document.js';
import { FieldError, instant, optionalText, text } from './fields.js';

/** The customer of a signal; null where the type is no signal or says nothing to the model. */
export function customerOfSignal(event: CloudEvent, { rules }: Signals): string | null {
  const rule = rules.get(event.type);
  if (!rule || (rule.recipes.length === 0 && event.type !== 'customer.updated')) return null;
  const customer = customerOf(rule, event);
  if (typeof customer === 'string' && customer !== '') return customer;
  if (rule.alsoEvent) return null; // a fact about a subject, which need not name a customer
  throw new FieldError(`${rule.customerPath.join('.')}: expected the customer's id`);
}

/** What a signal tells of its customer. */
export function partOfSignal(event: CloudEvent, { rules }: Signals): CustomerDocument {
  if (event.type === 'customer.updated') return partOfProfile(event);
  const rule = rules.get(event.type);
  const atMs = instant(event, 'time');
  const key = nameIdOf('signal', text(event, 'source'), text(event, 'id'));
  try {
    const events = modelEventsOf(rule as NonNullable<typeof rule>, event, key, atMs).map(
      ({ id: _key, ...told }) => told as SignalledEvent,
    );
    const revision = typeof event.revision === 'number' ? event.revision : 0;
    return { ...EMPTY_DOCUMENT, asOfMs: atMs, signals: { [key]: { revision, events } } };
  } catch (error) {
    if (error instanceof SignalError) throw new FieldError(error.message);
    throw error;
  }
}

/** Of `customer.updated` loyalty keeps what bears on contacting: no name, no address. */
function partOfProfile(event: CloudEvent): CustomerDocument {
  const { data } = event;
  const atMs = instant(event, 'time');
  const { optOut } = data;
  const known = Object.fromEntries(
    ['timeZone', 'locale', 'segment'].flatMap((name) => {
      const value = optionalText(data, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const refused = Array.isArray(optOut) ? optOut.filter((each) => typeof each === 'string').sort() : [];
  return { ...EMPTY_DOCUMENT, asOfMs: atMs, profile: { atMs, ...known, optOut: refused } };
}
