import { counter, gauge } from '#libs/observability';

/** By the way they came: http, source (a sender's own rows) or ingress. */
export const eventsAccepted = counter('makegood_intake_events_accepted_total', 'Events acknowledged by the log', [
  'way',
]);
export const eventsRejected = counter('makegood_intake_events_rejected_total', 'Events refused, by code', [
  'way',
  'code',
]);
export const ticksSent = counter('makegood_intake_ticks_total', 'Ticks appended to every partition');
export const ticksHeld = counter(
  'makegood_intake_ticks_held_total',
  'Ticks not sent because an ingress record older than a second was unread',
);
export const ingressLag = gauge(
  'makegood_intake_ingress_lag_records',
  'Records of ingress not yet read, as of the last sample',
);
export const leaseHeld = gauge('makegood_intake_lease_held', '1 where this instance ticks and copies commands');
export const sourcesSilent = gauge(
  'makegood_intake_sources_silent',
  'Sources (or their voices) beyond their heartbeat',
);
export const lettersOpen = gauge(
  'makegood_letters_open',
  'Dead letters that nobody has decided, by the service that wrote them and the reason',
  ['of', 'reason'],
);
export const oldestLetter = gauge(
  'makegood_letters_oldest_age_seconds',
  'Age of the oldest dead letter that nobody has decided; 0: there is none',
);
