import type { CloudEvent } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { SeededRandom } from './random.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SAMPLE_START_MS, sampleEvent } from './sample-event.js';

/** What happens to an item; `allowance` of the guarantee is 6 hours. */
export type PostFate =
  | 'on-time'
  /** In time, but the scan arrives after the due and within the allowance. */
  | 'scan-lag'
  /** The delivery is heard of before the acceptance. */
  | 'early-scan'
  /** Every event comes twice. */
  | 'twice'
  /** Tried in time, nobody at home: kept. */
  | 'absent-addressee'
  | 'late'
  | 'never-delivered'
  /** In time, but learned of only after the breach was announced. */
  | 'learned-late'
  | 'withdrawn'
  /** An ordinary letter: not promised. */
  | 'not-covered';

const SOURCE = 'post';
const OFFICES = ['hangzhou', 'ningbo', 'wenzhou', 'shaoxing'] as const;
const REGIONS = ['ZJ', 'GD', 'SC', 'BJ', 'HL'] as const;

/** One item's events. */
export function postItem(
  index: number,
  fate: PostFate,
  random: SeededRandom,
): { subject: string; events: CloudEvent[] } {
  const subject = `EE${String(100_000_000 + index * 7_919).slice(0, 9)}CN`;
  const acceptedMs = SAMPLE_START_MS + random.int(0, 4) * DAY_MS + random.int(8 * 60, 18 * 60) * MINUTE_MS;
  const promisedMs = startOfDay(acceptedMs) + random.int(2, 4) * DAY_MS + 18 * HOUR_MS;
  const data = {
    product: fate === 'not-covered' ? 'letter' : 'EMS',
    sender: { id: `sender-${random.int(1, 90)}` },
    to: { id: `recipient-${index}`, region: random.pick(REGIONS) },
    promisedAt: formatInstant(promisedMs),
    postage: { amountMinor: random.int(20, 120) * 100, currency: 'CNY' },
    paymentId: `pay-${index}`,
    office: random.pick(OFFICES),
  };
  const told = (type: string, atMs: number, of: Readonly<Record<string, unknown>>, learnedMs?: number): CloudEvent =>
    sampleEvent({ source: SOURCE, type, subject, atMs, data: of, ...(learnedMs === undefined ? {} : { learnedMs }) });
  const accepted = (learnedMs?: number): CloudEvent => told('post.item.accepted', acceptedMs, data, learnedMs);
  const delivered = (atMs: number, learnedMs?: number): CloudEvent =>
    told('post.item.delivered', atMs, { signedBy: 'addressee' }, learnedMs);
  const inTimeMs = promisedMs - random.int(20, 20 * 60) * MINUTE_MS;
  return { subject, events: eventsOf() };

  function eventsOf(): CloudEvent[] {
    switch (fate) {
      case 'on-time':
      case 'not-covered':
        return [accepted(), delivered(inTimeMs)];
      case 'scan-lag':
        return [accepted(), delivered(inTimeMs, promisedMs + random.int(10, 330) * MINUTE_MS)];
      case 'early-scan':
        return [delivered(inTimeMs), accepted(inTimeMs + random.int(5, 120) * MINUTE_MS)];
      case 'twice':
        return [accepted(), accepted(), delivered(inTimeMs), delivered(inTimeMs, inTimeMs + 40 * MINUTE_MS)];
      case 'absent-addressee':
        return [accepted(), told('post.item.attempted', inTimeMs, { reason: 'addressee-absent' })];
      case 'late':
        return [accepted(), delivered(promisedMs + random.int(7 * 60, 60 * 60) * MINUTE_MS)];
      case 'never-delivered':
        return [accepted()];
      case 'learned-late':
        return [accepted(), delivered(inTimeMs, promisedMs + random.int(8, 96) * HOUR_MS)];
      case 'withdrawn':
        return [accepted(), told('post.item.withdrawn', acceptedMs + random.int(1, 10) * HOUR_MS, { by: 'sender' })];
    }
  }
}

function startOfDay(atMs: number): number {
  return SAMPLE_START_MS + Math.floor((atMs - SAMPLE_START_MS) / DAY_MS) * DAY_MS;
}
