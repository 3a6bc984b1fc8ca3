import type { CloudEvent } from '#libs/contracts';
import type { SeededRandom } from './random.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SAMPLE_START_MS, sampleEvent } from './sample-event.js';

const SOURCE = 'hotel';
const SECOND_MS = 1_000;

/** How long the house takes: mostly within its promise, sometimes just beyond, now and then far. */
function takesMs(promiseMs: number, random: SeededRandom): number {
  const share = random.weighted({ quick: 80, tight: 12, slow: 8 });
  if (share === 'quick') return random.int(30, promiseMs / SECOND_MS - 20) * SECOND_MS;
  if (share === 'tight') return promiseMs + random.int(-15, 15) * SECOND_MS;
  return promiseMs + random.int(1, 15) * MINUTE_MS;
}

/** A stay: check-in within 3 minutes, perhaps a call to 1200, check-out within 4. Some are heard of out of order. */
export function hotelStay(index: number, random: SeededRandom): CloudEvent[] {
  const subject = `stay-${1_001 + index}`;
  const guestId = `guest-${random.int(1, 120)}`;
  const nightRate = { amountMinor: random.int(28, 88) * 1_000, currency: 'CNY' };
  const arrivedMs = SAMPLE_START_MS + random.int(0, 5) * DAY_MS + random.int(13 * 60, 22 * 60) * MINUTE_MS;
  const leavingMs = arrivedMs + DAY_MS - random.int(4, 8) * HOUR_MS;
  const told = (type: string, atMs: number, of = subject, learnedMs?: number): CloudEvent =>
    sampleEvent({
      source: SOURCE,
      type,
      subject: of,
      atMs,
      data: { guestId, nightRate },
      ...(learnedMs === undefined ? {} : { learnedMs }),
    });
  const checkedInMs = arrivedMs + takesMs(3 * MINUTE_MS, random);
  // The door counter sometimes reports its arrivals late: the check-in is heard of first.
  const arrivalLearnedMs = random.int(1, 100) <= 8 ? checkedInMs + random.int(1, 30) * SECOND_MS : undefined;
  const events = [
    told('hotel.guest.arrived', arrivedMs, subject, arrivalLearnedMs),
    told('hotel.guest.checked-in', checkedInMs),
    told('hotel.guest.leaving', leavingMs),
    told('hotel.guest.checked-out', leavingMs + takesMs(4 * MINUTE_MS, random)),
  ];
  if (random.int(1, 100) <= 40) {
    const call = `call-${5_001 + index}`;
    const calledMs = arrivedMs + random.int(30, 300) * MINUTE_MS;
    events.push(
      told('hotel.call.received', calledMs, call),
      told('hotel.staff.arrived', calledMs + takesMs(3 * MINUTE_MS, random), call),
    );
  }
  return events;
}
