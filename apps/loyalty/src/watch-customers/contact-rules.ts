import { isTimeZone, quietUntilMs } from '#libs/calendar';
import type { InstantMs } from '#libs/kernel';
import type { NextGesture } from '#libs/loyalty-model';
import type { ContactSettings } from '#libs/signals';
import type { Profile } from '../customer-document/document.js';

/** Repairs what was broken: no cap holds it back, only the customer's own word. */
const REPAIRS: ReadonlySet<NextGesture> = new Set([
  'call_personally',
  'apologise_and_compensate',
  'call_back_complaint',
]);
/** Advice to the house; nobody is contacted. */
const WITHOUT_CONTACT: ReadonlySet<NextGesture> = new Set(['keep_promises_first', 'none']);

export type ContactVerdict =
  { readonly kind: 'now' } | { readonly kind: 'never' } | { readonly kind: 'later'; readonly atMs: InstantMs };

const NOW: ContactVerdict = { kind: 'now' };

/**
 * Whether someone may be asked to contact this customer now: consent first, then the cap on what is not repair, then the quiet
 * hours of the customer's own zone. Pure: the same moment gives the same answer.
 * @param lastPleasedAtMs when a contact that was no repair was last suggested
 */
export function mayContact(
  gesture: NextGesture,
  profile: Profile | null,
  lastPleasedAtMs: InstantMs | null,
  atMs: InstantMs,
  settings: ContactSettings,
): ContactVerdict {
  if (WITHOUT_CONTACT.has(gesture)) return NOW;
  const isRepair = REPAIRS.has(gesture);
  if (profile?.optOut.includes(isRepair ? 'service' : 'marketing')) return { kind: 'never' };
  if (!isRepair && lastPleasedAtMs !== null && atMs - lastPleasedAtMs < settings.everyMs)
    return { kind: 'later', atMs: lastPleasedAtMs + settings.everyMs };
  const zone = profile?.timeZone !== undefined && isTimeZone(profile.timeZone) ? profile.timeZone : settings.timeZone;
  const untilMs = quietUntilMs(settings.quiet, zone, atMs);
  return untilMs === null ? NOW : { kind: 'later', atMs: untilMs };
}

export function isRepair(gesture: NextGesture): boolean {
  return REPAIRS.has(gesture);
}

export function isContact(gesture: NextGesture): boolean {
  return !WITHOUT_CONTACT.has(gesture);
}
