import type { CloudEvent } from '#libs/contracts';
import { parseInstant, type InstantMs } from '#libs/kernel';
import { customerOf, modelEventsOf, SignalError, type SignalRule, type Signals } from '#libs/signals';

/** A person has been in touch with a customer about something. */
export interface PersonalContact {
  readonly customer: string;
  /** What it was about: a group (an order of several parcels, a stay), a subject, or both; '' where it names none. */
  readonly group: string;
  readonly subject: string;
  readonly atMs: InstantMs;
}

/**
 * A signal that signals.yaml makes a `contact.made` with `personal`, whatever its own type is called; `data.group` and
 * `data.subject` say about what. null: it is none, or about nothing in particular.
 */
export function personalContactOf(event: CloudEvent, { rules }: Signals): PersonalContact | null {
  const rule = rules.get(event.type);
  if (!rule || rule.recipes.length === 0) return null;
  const atMs = parseInstant(event.time);
  const customer = customerOf(rule, event);
  const { group, subject } = event.data ?? {};
  const about = { group: typeof group === 'string' ? group : '', subject: typeof subject === 'string' ? subject : '' };
  if (atMs === null || typeof customer !== 'string' || about.group + about.subject === '') return null;
  return isPersonal(rule, event, atMs) ? { customer, ...about, atMs } : null;
}

function isPersonal(rule: SignalRule, event: CloudEvent, atMs: InstantMs): boolean {
  try {
    const told = modelEventsOf(rule, event, event.id, atMs);
    return told.some((one) => one.type === 'contact.made' && one.personal === true);
  } catch (error) {
    if (error instanceof SignalError) return false; // loyalty, whose model it fails, has it among the dead letters
    throw error;
  }
}
