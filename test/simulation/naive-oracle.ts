import type { CloudEvent } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import { DAY_MS, PLAIN } from './terms.js';

/** What must become of one promise of the plain guarantee, by the words of docs/glossary.md and nothing of the engine. */
export interface Expected {
  readonly verdict: 'kept' | 'breached' | 'cancelled';
  readonly owedMinor: number;
}

interface Scan {
  readonly type: string;
  readonly occurredMs: number;
  readonly receivedMs: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Shares no code with the product: JSON, subtraction and comparison. */
export function expectedOf(
  subject: string,
  records: readonly LogRecord[],
  isLost: (record: LogRecord) => boolean,
): Expected | null {
  const seen = new Set<string>();
  const scans: Scan[] = [];
  for (const record of records) {
    if (record.key !== subject || isLost(record)) continue;
    const event = JSON.parse(record.value.toString()) as CloudEvent;
    if (event.type === 'makegood.letter') continue;
    const claimedMs = Date.parse(event.time);
    const receivedMs = event.receivedat === undefined ? record.timestampMs : Date.parse(event.receivedat);
    const isFuture = claimedMs - receivedMs > DAY_MS;
    const isUseless = event.type === 'parcel.accepted' && event.data['promisedAt'] === undefined;
    if (isFuture || isUseless || seen.has(event.id)) continue;
    seen.add(event.id);
    const occurredMs = Math.min(claimedMs, receivedMs);
    scans.push({ type: event.type, occurredMs, receivedMs, data: event.data });
  }
  const opening = scans.find(({ type }) => type === 'parcel.accepted');
  if (!opening) return null;
  const dueMs = Date.parse(String(opening.data['promisedAt']));
  const lastMs = dueMs + PLAIN.allowanceMs + PLAIN.correctionMs;
  const first = (type: string): number =>
    Math.min(Infinity, ...scans.filter((s) => s.type === type && s.receivedMs <= lastMs).map((s) => s.occurredMs));
  const keptMs = first('parcel.delivered');
  const cancelledMs = first('parcel.withdrawn');
  if (cancelledMs <= dueMs && cancelledMs <= keptMs) return { verdict: 'cancelled', owedMinor: 0 };
  if (keptMs <= dueMs) return { verdict: 'kept', owedMinor: 0 };
  const { amountMinor } = opening.data['postage'] as { amountMinor: number };
  return { verdict: 'breached', owedMinor: amountMinor };
}
